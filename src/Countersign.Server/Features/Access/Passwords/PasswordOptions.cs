using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Features.Access.Passwords;

/// <summary>How passwords are hashed, and which are taken.</summary>
internal sealed class PasswordOptions
{
    public const string Section = "Passwords";

    /// <summary>Argon2id memory of one hash, in KiB. OWASP: 19 MiB with two passes.</summary>
    [Range(8, 1_048_576)]
    public int MemoryKiB { get; set; } = 19_456;

    /// <summary>Argon2id passes.</summary>
    [Range(1, 20)]
    public int Passes { get; set; } = 2;

    /// <summary>Hashes at the same time. 0: one for each core, more gains nothing and costs memory.</summary>
    [Range(0, 64)]
    public int Workers { get; set; }

    /// <summary>
    /// Passwords that may wait for a hash, of known browsers and, apart from them, of all others; more are answered with 503 and
    /// Retry-After.
    /// </summary>
    [Range(1, 10_000)]
    public int Queue { get; set; } = 128;

    /// <summary>How long a password may wait for its turn; then it is answered in the same way.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:01:00")]
    public TimeSpan Patience { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Least length, in Unicode code points. NIST SP 800-63B §3.1.1.2.</summary>
    [Range(8, 64)]
    public int MinimumLength { get; set; } = 8;

    /// <summary>Greatest length. Longer ones are refused, never cut.</summary>
    [Range(64, 4096)]
    public int MaximumLength { get; set; } = 256;

    /// <summary>File of passwords that are refused, one a line, in place of the list that ships.</summary>
    public string? BlocklistFile { get; set; }
}

/// <summary>Checks <see cref="PasswordOptions"/> at start.</summary>
[OptionsValidator]
internal sealed partial class PasswordOptionsValidator : IValidateOptions<PasswordOptions>;
