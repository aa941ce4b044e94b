using System.Text;
using Countersign.Server;
using Countersign.Server.Data;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Registry.Users;

namespace Countersign.SampleKind.Tapping;

/// <summary>
/// A kind that answers elsewhere, as a phone does: a program approves or denies by its key, and the page goes on by itself. What it
/// keeps is the thumbprint of that key.
/// </summary>
internal sealed class TappingKind : IAddableKind
{
    public const string KindId = "tapping";

    /// <summary>What the program's endpoint hands on once the program has shown its key.</summary>
    public const string Approves = "approve";

    /// <summary>What a program sends that has the key and gets the rest wrong.</summary>
    public const string Fumbles = "fumble";

    public string Id => KindId;

    public KindTraits Traits { get; } = new(
        Permanent: true, Physical: false, Issuable: true, KindChannel.Push, Links.Shows, Strength: 2, Icon: "phone");

    public Type Texts => typeof(TappingText);

    public bool AsksFirst => true;

    public string TierOf(OpenedCredential credential) => "phone-app";

    public Task<Result<Prepared>> PrepareAsync(UserView user, string? typed, CountersignDbContext db, CancellationToken ct) =>
        Task.FromResult<Result<Prepared>>(new Prepared.Made(Encoding.ASCII.GetBytes(typed ?? string.Empty)));

    public Task<Prompt> PromptAsync(OpenedCredential credential, Ask ask, Prompt? earlier, CountersignDbContext db, CancellationToken ct) =>
        Task.FromResult(new Prompt([]));

    public ValueTask<Verdict> CheckAsync(OpenedCredential credential, Ask ask, Prompt prompt, string response, CancellationToken ct) =>
        new(response == Approves ? new Verdict.Accepted(credential.Position + 1) : new Verdict.Wrong());

    public PromptView Show(CredentialView credential, Prompt prompt) => new(ResponseForm.Elsewhere);
}
