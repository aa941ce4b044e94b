using System.Text.Json;
using System.Text.Json.Serialization;

namespace Countersign.Server.Features.Confirming.Challenges;

/// <summary>Each chosen device's prompt of one challenge.</summary>
internal sealed record PromptBook(int Version, Dictionary<Guid, byte[]> States)
{
    public Prompt? Find(Guid deviceId) => States.TryGetValue(deviceId, out var state) ? new Prompt(state) : null;

    public PromptBook With(Guid deviceId, Prompt prompt) => this with { States = new(States) { [deviceId] = prompt.State } };
}

[JsonSerializable(typeof(JsonElement))]
[JsonSerializable(typeof(Dictionary<Guid, byte[]>))]
internal sealed partial class ChallengesJson : JsonSerializerContext;
