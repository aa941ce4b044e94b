using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Data.Protection;

/// <summary>What the lines of the key file hold.</summary>
internal enum KeySource
{
    /// <summary>The master keys themselves.</summary>
    File,

    /// <summary>Master keys that only a key in an HSM opens.</summary>
    Pkcs11,
}

/// <summary>Where master keys live.</summary>
internal sealed class KeysOptions
{
    public const string Section = "Keys";

    /// <summary>What a new line of the key file holds. With <see cref="KeySource.Pkcs11"/> a bare key is refused.</summary>
    public KeySource Source { get; set; } = KeySource.File;

    /// <summary>How soon a running node sees that the key file, or the key ring in the database, has changed.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan Refresh { get; set; } = TimeSpan.FromMinutes(1);
}

/// <summary>Checks <see cref="KeysOptions"/> at start.</summary>
[OptionsValidator]
internal sealed partial class KeysOptionsValidator : IValidateOptions<KeysOptions>;
