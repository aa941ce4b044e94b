namespace Countersign.Server.Http;

/// <summary>
/// Sets and reads the product's cookies: HttpOnly, SameSite=Lax, and <c>__Host-</c> with Secure. Only demo mode, which runs on
/// this machine without TLS, does without the last two, because some browsers keep Secure cookies from http://localhost.
/// </summary>
internal sealed class Cookies(ServeMode mode)
{
    public string NameOf(HttpContext http, string name) => IsPlain(http) ? "countersign-" + name : "__Host-countersign-" + name;

    public string? Read(HttpContext http, string name) => http.Request.Cookies[NameOf(http, name)];

    public void Write(HttpContext http, string name, string value, TimeSpan? lifetime) =>
        http.Response.Cookies.Append(NameOf(http, name), value, Options(http, lifetime));

    public void Delete(HttpContext http, string name) => http.Response.Cookies.Delete(NameOf(http, name), Options(http, lifetime: null));

    private bool IsPlain(HttpContext http) => mode.Demo && !http.Request.IsHttps;

    private CookieOptions Options(HttpContext http, TimeSpan? lifetime) => new()
    {
        HttpOnly = true,
        Secure = !IsPlain(http),
        SameSite = SameSiteMode.Lax,
        Path = "/",
        MaxAge = lifetime,
        IsEssential = true,
    };
}
