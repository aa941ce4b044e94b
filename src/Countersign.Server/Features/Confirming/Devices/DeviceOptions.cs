using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Features.Confirming.Devices;

/// <summary>Settings of devices.</summary>
internal sealed class DeviceOptions
{
    public const string Section = "Devices";

    /// <summary>Kind ids that clients may add themselves; those of other kinds are honoured and not offered.</summary>
    [Required]
    public string Addable { get; set; } = "passkey totp code-card";

    /// <summary>Active, suspended and waiting devices of one user.</summary>
    [Range(2, 100)]
    public int Most { get; set; } = 20;

    /// <summary>Temporary kinds that end when a permanent device becomes active (S8).</summary>
    public string EndedByPermanent { get; set; } = "temporary-code online-card";

    /// <summary>How long a device that was agreed to waits to be activated.</summary>
    [Range(typeof(TimeSpan), "00:05:00", "1.00:00:00")]
    public TimeSpan ActivationWait { get; set; } = TimeSpan.FromMinutes(30);

    public bool CanAdd(string kind) => AddableKinds().Contains(kind, StringComparer.Ordinal);

    /// <summary>In the order in which they are offered.</summary>
    public IReadOnlyList<string> AddableKinds() => Names(Addable);

    public IReadOnlyList<string> EndedKinds() => Names(EndedByPermanent);

    private static string[] Names(string list) =>
        list.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}

/// <summary>Checks <see cref="DeviceOptions"/> at start.</summary>
[OptionsValidator]
internal sealed partial class DeviceOptionsValidator : IValidateOptions<DeviceOptions>;
