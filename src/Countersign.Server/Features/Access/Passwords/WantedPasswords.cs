using Countersign.Server.Http;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Features.Access.Passwords;

/// <summary>Judges a password that somebody wants to have, by the rules of this installation.</summary>
internal sealed class WantedPasswords(PasswordBlocklist blocklist, IOptions<PasswordOptions> options, IOptions<SiteOptions> site)
{
    /// <summary>Why it is not taken; null when it is.</summary>
    public Error? Refuses(string password, string userName)
    {
        var policy = new PasswordPolicy(options.Value.MinimumLength, options.Value.MaximumLength);
        return PasswordRules.Check(password, policy, blocklist, userName, site.Value.Name) is { } broken
            ? PasswordErrors.Of(broken, policy)
            : null;
    }
}
