using System.Text.Json.Serialization;
using Countersign.Server.Data.Protection;
using Countersign.Server.Features.Confirming.Devices;

namespace Countersign.Server.Features.Confirming.Challenges;

/// <summary>The prompt of each credential that was chosen for one challenge.</summary>
internal sealed record PromptBook(int Version, Dictionary<Guid, byte[]> States)
{
    /// <param name="closed">Null where nothing was chosen yet.</param>
    /// <exception cref="UnreadableSecretException">It does not open in its row.</exception>
    public static PromptBook Open(RowProtection protection, ChallengeHandle of, int version, byte[]? closed) => new(
        version,
        closed is null
            ? []
            : protection.Unprotect(Challenge.PromptsColumn, of.UserId, of.Id, closed, ChallengesJson.Default.DictionaryGuidByteArray));

    public byte[] Close(RowProtection protection, ChallengeHandle of) =>
        protection.Protect(Challenge.PromptsColumn, of.UserId, of.Id, States, ChallengesJson.Default.DictionaryGuidByteArray);

    public Prompt? Find(Guid credentialId) => States.TryGetValue(credentialId, out var state) ? new Prompt(state) : null;

    public PromptBook With(Guid credentialId, Prompt prompt) => this with { States = new(States) { [credentialId] = prompt.State } };
}

[JsonSerializable(typeof(Dictionary<Guid, byte[]>))]
internal sealed partial class ChallengesJson : JsonSerializerContext;
