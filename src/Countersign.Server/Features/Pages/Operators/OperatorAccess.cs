using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Countersign.Server.Data;
using Countersign.Server.Data.Protection;
using Countersign.Server.Http;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Filters;

namespace Countersign.Server.Features.Pages.Operators;

/// <summary>The operator's cookie: a name and an end, protected. It opens the operators' pages and nothing of any client.</summary>
internal sealed class OperatorAccess(Cookies cookies, IDataProtectionProvider provider, TimeProvider time)
{
    private const string Cookie = "operator";
    private const int LongestCookie = 1_000;
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(8);

    private readonly IDataProtector _protector = provider.CreateProtector("operator");

    public void Enter(HttpContext http, string name)
    {
        var body = new byte[sizeof(long) + Encoding.UTF8.GetByteCount(name)];
        BinaryPrimitives.WriteInt64BigEndian(body, (time.GetUtcNow() + Lifetime).ToUnixMicroseconds());
        Encoding.UTF8.GetBytes(name, body.AsSpan(sizeof(long)));
        cookies.Write(http, Cookie, Base64Url.EncodeToString(_protector.Protect(body)), Lifetime);
    }

    public void Leave(HttpContext http) => cookies.Delete(http, Cookie);

    /// <summary>The operator's name; null for everybody else.</summary>
    public string? Find(HttpContext http)
    {
        if (cookies.Read(http, Cookie) is not { Length: < LongestCookie } text || !Base64Url.IsValid(text))
        {
            return null;
        }

        try
        {
            var body = _protector.Unprotect(Base64Url.DecodeFromChars(text));
            return Instants.FromUnixMicroseconds(BinaryPrimitives.ReadInt64BigEndian(body)) > time.GetUtcNow()
                ? Encoding.UTF8.GetString(body.AsSpan(sizeof(long)))
                : null;
        }
        catch (CryptographicException e) when (!PassingFault.Is(e))
        {
            return null;
        }
    }
}

/// <summary>Lets operators in and leads everybody else to the door.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class OperatorsOnlyAttribute : Attribute, IAsyncPageFilter
{
    private static readonly object Key = new();

    public static string NameOf(HttpContext http) => (string)http.Items[Key]!;

    public Task OnPageHandlerSelectionAsync(PageHandlerSelectedContext context) => Task.CompletedTask;

    public Task OnPageHandlerExecutionAsync(PageHandlerExecutingContext context, PageHandlerExecutionDelegate next)
    {
        var http = context.HttpContext;
        if (http.RequestServices.GetRequiredService<OperatorAccess>().Find(http) is not { } name)
        {
            context.Result = new RedirectResult("/operations/enter");
            return Task.CompletedTask;
        }

        http.Items[Key] = name;
        return next();
    }
}
