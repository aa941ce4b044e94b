using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Countersign.Server.Data;
using Countersign.Server.Data.Protection;
using Countersign.Server.Features.Ground.Rations;
using Countersign.Server.Http;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Filters;

namespace Countersign.Server.Features.Pages.Operators;

/// <summary>
/// The operator's cookie: an id, a name and an end, protected. It opens the operators' pages and nothing of any client. Who leaves is
/// remembered by the id for as long as the cookie would have opened something.
/// </summary>
internal sealed class OperatorAccess(
    Contexts contexts, IWriter writer, Rationing rationing, Cookies cookies, IDataProtectionProvider provider, ISecrets secrets,
    TimeProvider time)
{
    private const string Cookie = "operator";
    private const string Left = "operator-left";
    private const int LongestCookie = 1_000;
    private const int Id = 16;
    private const int Head = Id + sizeof(long);
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(8);
    private static readonly RationRule Once = new(1, TimeSpan.FromDays(1));

    private readonly IDataProtector _protector = provider.CreateProtector("operator", "2");

    public void Enter(HttpContext http, string name)
    {
        var body = new byte[Head + Encoding.UTF8.GetByteCount(name)];
        secrets.Fill(body.AsSpan(0, Id));
        BinaryPrimitives.WriteInt64BigEndian(body.AsSpan(Id), (time.GetUtcNow() + Lifetime).ToUnixMicroseconds());
        Encoding.UTF8.GetBytes(name, body.AsSpan(Head));
        cookies.Write(http, Cookie, Base64Url.EncodeToString(_protector.Protect(body)), Lifetime);
    }

    /// <summary>Ends what the cookie opens, wherever a copy of it is.</summary>
    public async Task LeaveAsync(HttpContext http, CancellationToken ct)
    {
        if (Read(http) is { } body)
        {
            await writer.RunAsync((db, _) => rationing.TakeAsync(db, IdOf(body), Left, Once), ct);
        }

        cookies.Delete(http, Cookie);
    }

    /// <summary>The operator's name; null for everybody else.</summary>
    public async Task<string?> FindAsync(HttpContext http, CancellationToken ct)
    {
        if (Read(http) is not { } body)
        {
            return null;
        }

        await using var db = contexts.Read();
        return await Rationing.NextAsync(db, IdOf(body), Left, Once, ct) > time.GetUtcNow() ? null : Encoding.UTF8.GetString(body[Head..]);
    }

    private static Guid IdOf(byte[] body) => new(body.AsSpan(0, Id));

    private byte[]? Read(HttpContext http)
    {
        if (cookies.Read(http, Cookie) is not { Length: < LongestCookie } text || !Base64Url.IsValid(text))
        {
            return null;
        }

        try
        {
            var body = _protector.Unprotect(Base64Url.DecodeFromChars(text));
            return Instants.FromUnixMicroseconds(BinaryPrimitives.ReadInt64BigEndian(body.AsSpan(Id))) > time.GetUtcNow() ? body : null;
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

    public async Task OnPageHandlerExecutionAsync(PageHandlerExecutingContext context, PageHandlerExecutionDelegate next)
    {
        var http = context.HttpContext;
        if (await http.RequestServices.GetRequiredService<OperatorAccess>().FindAsync(http, http.RequestAborted) is not { } name)
        {
            context.Result = new RedirectResult("/operations/enter");
            return;
        }

        http.Items[Key] = name;
        await next();
    }
}
