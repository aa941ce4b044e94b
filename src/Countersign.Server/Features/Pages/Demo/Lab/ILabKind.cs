using System.Text.Json.Serialization;
using Countersign.Server.Features.Confirming.Devices;

namespace Countersign.Server.Features.Pages.Demo.Lab;

/// <summary>
/// A kind of device as the thing that a client would hold in the hand. Each brings its part of the page and what a program needs to
/// answer with it.
/// </summary>
internal interface ILabKind
{
    /// <summary>The id of the device kind.</summary>
    string Id { get; }

    /// <summary>The part of the page in this folder, such as <c>_CodeCard</c>.</summary>
    string View { get; }

    /// <summary>The model of the part.</summary>
    /// <param name="things">The client's devices of this kind, active or waiting.</param>
    object Show(IReadOnlyList<HeldThing> things, LabQuery query);

    /// <summary>Adds what a program needs to be this device.</summary>
    DeviceOfPersona Tell(DeviceOfPersona facts, HeldThing thing);
}

/// <summary>A device with its secrets, as the thing itself has them.</summary>
internal sealed record HeldThing(DeviceView Device, OpenedCredential Credential);

/// <summary>What the address asks of the lab.</summary>
/// <param name="Owner">Whose devices.</param>
/// <param name="Cells">Index numbers to look up, as they were typed.</param>
internal sealed record LabQuery(Persona Owner, string? Cells);

/// <summary>A device as programs see it: only what the kind has.</summary>
internal sealed record DeviceOfPersona(Guid Id, string Kind, string Label)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Serial { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Suite { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? KeyHex { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Counter { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Pin { get; init; }

    /// <summary>Value by index number.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, string>? Cells { get; init; }
}
