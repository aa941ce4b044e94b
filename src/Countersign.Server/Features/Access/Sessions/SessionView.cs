using System.Diagnostics.CodeAnalysis;
using Countersign.Server.Features.Registry.Users;
using Countersign.Server.Http;

namespace Countersign.Server.Features.Access.Sessions;

/// <summary>The session that a request came with.</summary>
internal sealed record SessionView(
    UserView User, Guid Id, DateTimeOffset CreatedAt, string DeviceKind, bool MustChangePassword, SessionScope Scope);

/// <summary>The session that a browser is in, and whose it is.</summary>
internal sealed record BrowserSession(Guid UserId, Guid Id);

internal static class SessionHttpExtensions
{
    private static readonly object Key = new();

    /// <summary>The session of a request that is past authorisation.</summary>
    public static SessionView Session(this HttpContext http) =>
        http.TryGetSession(out var session)
            ? session
            : throw new InvalidOperationException("The request has no session; the page lets strangers in.");

    public static bool TryGetSession(this HttpContext http, [NotNullWhen(true)] out SessionView? session)
    {
        session = http.Items.TryGetValue(Key, out var value) ? (SessionView?)value : null;
        return session is not null;
    }

    internal static void SetSession(this HttpContext http, SessionView session)
    {
        http.Items[Key] = session;
        http.SetSignedInPerson(new SignedInPerson(session.User.Name, session.User.Language, session.User.TimeZone));
    }
}
