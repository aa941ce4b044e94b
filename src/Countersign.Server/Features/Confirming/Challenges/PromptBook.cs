using System.Text.Json.Serialization;
using Countersign.Server.Features.Confirming.Devices;

namespace Countersign.Server.Features.Confirming.Challenges;

/// <summary>The prompt of each credential that was chosen for one challenge.</summary>
internal sealed record PromptBook(int Version, Dictionary<Guid, byte[]> States)
{
    public Prompt? Find(Guid credentialId) => States.TryGetValue(credentialId, out var state) ? new Prompt(state) : null;

    public PromptBook With(Guid credentialId, Prompt prompt) => this with { States = new(States) { [credentialId] = prompt.State } };
}

[JsonSerializable(typeof(Dictionary<Guid, byte[]>))]
internal sealed partial class ChallengesJson : JsonSerializerContext;
