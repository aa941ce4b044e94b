using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Data.Protection.Pkcs11;

/// <summary>The HSM that opens master keys.</summary>
internal sealed class Pkcs11Options
{
    public const string Section = "Keys:Pkcs11";

    /// <summary>Path of the maker's PKCS#11 library.</summary>
    [StringLength(1_000)]
    public string? Module { get; set; }

    /// <summary>Label of the token. Slots are numbered anew whenever they like.</summary>
    [StringLength(32)]
    public string? TokenLabel { get; set; }

    /// <summary>Label of the key that wraps new master keys: AES-256, not extractable.</summary>
    [StringLength(32)]
    public string KeyLabel { get; set; } = "countersign-1";

    /// <summary>File whose first line is the user's PIN.</summary>
    [StringLength(1_000)]
    public string? PinFile { get; set; }
}

/// <summary>Checks <see cref="Pkcs11Options"/> at start.</summary>
[OptionsValidator]
internal sealed partial class Pkcs11OptionsValidator : IValidateOptions<Pkcs11Options>;
