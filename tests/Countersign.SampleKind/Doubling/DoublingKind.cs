using System.Globalization;
using System.Text;
using Countersign.Server;
using Countersign.Server.Data;
using Countersign.Server.Data.Protection;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Registry.Users;

namespace Countersign.SampleKind.Doubling;

/// <summary>
/// A kind as small as a kind can be: it shows a number and takes its double. Good for nothing but to show what a kind takes:
/// this class, its texts, its two parts of a page, and a line of composition.
/// </summary>
internal sealed class DoublingKind(ISecrets secrets) : IAddableKind
{
    public const string KindId = "doubling";

    public string Id => KindId;

    public KindTraits Traits { get; } = new(
        Permanent: true, Physical: false, Issuable: true, KindChannel.None, Links.None, Strength: 4, Icon: "key");

    public Type Texts => typeof(DoublingText);

    /// <summary>As strong as the strongest, so that its first days show.</summary>
    public string TierOf(OpenedCredential credential) => "platinum";

    public Task<Result<Prepared>> PrepareAsync(UserView user, string? typed, CountersignDbContext db, CancellationToken ct) =>
        Task.FromResult<Result<Prepared>>(new Prepared.Made([]));

    public Task<Prompt> PromptAsync(OpenedCredential credential, Ask ask, Prompt? earlier, CountersignDbContext db, CancellationToken ct) =>
        Task.FromResult(earlier ?? new Prompt(Encoding.ASCII.GetBytes(secrets.Below(1_000_000).ToString(CultureInfo.InvariantCulture))));

    public ValueTask<Verdict> CheckAsync(OpenedCredential credential, Ask ask, Prompt prompt, string response, CancellationToken ct) =>
        new(response == (2 * Number(prompt)).ToString(CultureInfo.InvariantCulture) ? new Verdict.Accepted() : new Verdict.Wrong());

    public PromptView Show(CredentialView credential, Prompt prompt) =>
        new(ResponseForm.Digits) { Asked = [Number(prompt).ToString(CultureInfo.InvariantCulture)] };

    private static int Number(Prompt prompt) => int.Parse(Encoding.ASCII.GetString(prompt.State), CultureInfo.InvariantCulture);
}
