using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Features.Kinds.Passkeys;

/// <summary>Settings of passkeys.</summary>
internal sealed class PasskeyOptions
{
    public const string Section = "Passkeys";

    /// <summary>
    /// Whether clients may let a passkey sign in alone, without user name and password. A passkey that already does stops when this
    /// is switched off.
    /// </summary>
    public bool Alone { get; set; } = true;

    /// <summary>Sign-ins with a passkey alone that one source may begin in an hour; each is a row.</summary>
    [Range(10, 100_000)]
    public int AloneBegunPerHour { get; set; } = 120;
}

/// <summary>Checks <see cref="PasskeyOptions"/> at start.</summary>
[OptionsValidator]
internal sealed partial class PasskeyOptionsValidator : IValidateOptions<PasskeyOptions>;
