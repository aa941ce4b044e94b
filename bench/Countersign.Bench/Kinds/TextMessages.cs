using System.Text;
using System.Text.Json;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Confirming.SentCodes;
using Countersign.Server.Features.Kinds.TextMessages;

namespace Countersign.Bench.Kinds;

/// <summary>Codes by SMS, opened by key where the message that carries them would have to be searched for.</summary>
internal sealed class TextMessages(Prompts prompts, CredentialVault vault) : IBenchKind
{
    public string Id => TextMessageKind.KindId;

    public bool Keeps => true;

    public void Add(Filling filling, BenchUser user, DateTimeOffset now) =>
        filling.AddDevice(vault, user, Id, user.NumberId.ToString("N"), Encoding.UTF8.GetBytes(user.Mobile), now);

    /// <summary>Its rations are forgotten with all others.</summary>
    public bool Moves => false;

    public async Task<string> AnswerAsync(BenchUser user, ChallengeHandle handle)
    {
        var prompt = JsonSerializer.Deserialize(await prompts.OfAsync(handle), CodePromptJson.Default.CodePrompt)!;
        return prompt.Code ?? throw new InvalidOperationException("No code was sent: the user had one less than two minutes ago.");
    }
}
