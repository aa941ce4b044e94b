using Countersign.Server.Data;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;

namespace Countersign.Server.Features.Confirming.Challenges;

/// <summary>What the page of a challenge needs to read and change it.</summary>
internal sealed class ChallengeDesk(
    Contexts contexts, IWriter writer, ChallengePrompting prompting, ChallengeSpending spending, ChallengeReader reader, StatusReader status, KindCatalog kinds, PurposeCatalog purposes, DeviceViews devices, Openers openers, IStringLocalizer<ErrorText> errors, IStringLocalizer<ChallengeText> texts, TimeProvider time)
{
    public Contexts Contexts => contexts;

    public IWriter Writer => writer;

    public ChallengePrompting Prompting => prompting;

    public ChallengeReader Reader => reader;

    public StatusReader Status => status;

    public KindCatalog Kinds => kinds;

    public PurposeCatalog Purposes => purposes;

    public DeviceViews Devices => devices;

    public Openers Openers => openers;

    public IStringLocalizer<ErrorText> Errors => errors;

    public IStringLocalizer<ChallengeText> Texts => texts;

    public TimeProvider Time => time;

    /// <summary>Looks at a response and spends it. <c>Of</c> is null where it was not looked at, and then nothing was charged.</summary>
    /// <param name="purposeId">The purpose of the page: a challenge of another one is not found there.</param>
    public async Task<(Answered Answer, ChallengeView? Of)> AnswerAsync(ChallengeHandle handle, Opener opener, string purposeId, int promptNo, string? response, CancellationToken ct)
    {
        Result<CheckedResponse> looked;
        await using (var db = contexts.Read())
        {
            looked = await spending.CheckAsync(db, handle, opener, promptNo, response ?? string.Empty, ct);
        }

        if (looked.Error == ChallengeErrors.Unreadable)
        {
            await writer.RunAsync((db, _) => spending.NoteUnreadableAsync(db, handle, opener), ct);
        }

        if (!looked.Succeeded || looked.Value.Open.View.Purpose != purposeId)
        {
            return (new Answered.Refused(looked.Error ?? ChallengeErrors.Missing), null);
        }

        // The try is spent whether or not the browser still listens.
        return (await writer.RunAsync((db, token) => spending.SpendAsync(db, looked.Value, opener, token), CancellationToken.None), looked.Value.Open.View);
    }
}

/// <summary>What the page of a challenge asks for.</summary>
internal enum ChallengeStep
{
    /// <summary>A device.</summary>
    Choose,

    /// <summary>What the device says.</summary>
    Answer,

    /// <summary>Nothing more: the challenge is over, or is not here.</summary>
    Ended,
}

/// <summary>A device in the picker.</summary>
/// <param name="Current">The one that is prompted on.</param>
/// <param name="Refusal">Why it cannot answer this challenge; null when it can.</param>
internal sealed record Choice(DeviceView Device, KindTraits Traits, bool Current, string? Refusal);

/// <summary>
/// The page of a challenge, whatever its purpose: choose a device, answer, ask again, go back. A purpose's page derives from it
/// and says what follows. Every step is a form that works without scripts.
/// </summary>
internal abstract class ChallengePageModel(ChallengeDesk desk) : PageModel
{
    [FromRoute]
    public ChallengeHandle Handle { get; set; }

    /// <summary>The person wants another device.</summary>
    [FromQuery(Name = "choose")]
    public bool Choosing { get; set; }

    /// <summary>The refusal to show; null when there is none.</summary>
    public string? Refusal { get; private set; }

    /// <summary>Whether the refusal is about what was typed, and belongs to the field.</summary>
    public bool RefusalIsOfField { get; private set; }

    /// <summary>What was typed, given back when it could not be read; a wrong code is not.</summary>
    public string? Typed { get; private set; }

    /// <summary>Null once the challenge has ended.</summary>
    public OpenChallenge? Open { get; private set; }

    /// <summary>The model of the kind's part.</summary>
    public object? Prompt { get; private set; }

    public ChallengeStep Step =>
        Open is not { State: ChallengeState.Pending or ChallengeState.Prompted } ? ChallengeStep.Ended
        : Choosing ? ChallengeStep.Choose
        : Prompt is not null ? ChallengeStep.Answer : ChallengeStep.Ended;

    public string? KindId => Open?.Device?.Kind;

    /// <summary>The kind's part of the page.</summary>
    public virtual string PromptPart => "_Prompt";

    /// <summary>The device that the picker has chosen already: the one prompted on, else the preferred or last used, of those that may answer.</summary>
    public Guid? Preselected => (Choices.FirstOrDefault(c => c.Current && c.Refusal is null) ?? Choices.FirstOrDefault(c => c.Refusal is null))?.Device.Id;

    public IReadOnlyList<Choice> Choices { get; private set; } = [];

    /// <summary>Whether there is another device than the one prompted on, which may have ended meanwhile.</summary>
    public bool HasOther => Choices.Any(c => !c.Current);

    public ChallengeStatus? Delivery { get; private set; }

    public DateTimeOffset Now => desk.Time.GetUtcNow();

    public virtual async Task<IActionResult> OnGetAsync(CancellationToken ct)
    {
        await LoadAsync(ct);
        if (this.Carried() is { } carried)
        {
            Refusal = carried.Text;
            RefusalIsOfField = carried.Field is not null;
            Typed = carried.Typed;
        }
        else if (Open is null)
        {
            Response.StatusCode = StatusCodes.Status404NotFound;
        }

        // Said here, because what a partial writes into its view data never reaches the layout.
        ViewData["Title"] = desk.Texts["title." + Step.ToString().ToLowerInvariant()];
        ViewData["Refused"] = Refusal is not null;
        ViewData["Here"] = OwnPath;
        return Page();
    }

    public async Task<IActionResult> OnPostChooseAsync(Guid device, CancellationToken ct)
    {
        var opener = CurrentOpener();
        var refusal = await OnOwnAsync((db, token) => desk.Prompting.ChooseAsync(db, Handle, opener, device, token), ct);
        return refusal is null ? Redirect(OwnPath) : Refuse(refusal);
    }

    public async Task<IActionResult> OnPostAnswerAsync(int prompt, string? code, CancellationToken ct)
    {
        var (answer, of) = await desk.AnswerAsync(Handle, CurrentOpener(), PurposeId, prompt, code, ct);
        return answer switch
        {
            Answered.Completed completed => await CompletedAsync(of!, completed.Value, ct),
            Answered.Wrong wrong => Refuse(wrong.Error, ofField: true),
            Answered.Refused refused when of is null => Refuse(refused.Error, ofField: refused.Error.Kind == ErrorKind.Invalid, typed: code),
            Answered.Refused refused => Refuse(refused.Error),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }

    public async Task<IActionResult> OnPostRepeatAsync(string? by, CancellationToken ct)
    {
        var opener = CurrentOpener();
        var refusal = await OnOwnAsync((db, token) => desk.Prompting.RepeatAsync(db, Handle, opener, by, token), ct);
        return refusal is null ? Redirect(OwnPath) : Refuse(refusal);
    }

    public async Task<IActionResult> OnPostCancelAsync(CancellationToken ct)
    {
        var opener = CurrentOpener();
        await OnOwnAsync(
            async (db, token) =>
            {
                await desk.Prompting.CancelAsync(db, Handle, opener, token);
                return null;
            },
            ct);
        return Redirect(StartPath);
    }

    /// <summary>The purpose whose page this is. A challenge of another one is not found here: what follows from it is not this page's to do.</summary>
    protected abstract string PurposeId { get; }

    /// <summary>Where a person begins anew.</summary>
    public abstract string StartPath { get; }

    /// <summary>This page's own address, for its forms and its script.</summary>
    public abstract string OwnPath { get; }

    /// <summary>Where a button of this page posts to: <c>choose</c>, <c>answer</c>, <c>repeat</c> or <c>cancel</c>.</summary>
    public string HandlerPath(string handler) => OwnPath + (OwnPath.Contains('?', StringComparison.Ordinal) ? "&" : "?") + "handler=" + handler;

    /// <summary>This page with the picker open.</summary>
    public string ChoosePath => OwnPath + (OwnPath.Contains('?', StringComparison.Ordinal) ? "&" : "?") + "choose=true";

    /// <summary>Which words the field and its button have, where they are not the usual ones.</summary>
    public virtual string? Wording => null;

    /// <summary>What follows when the purpose was carried out.</summary>
    protected abstract Task<IActionResult> CompletedAsync(ChallengeView approved, object? value, CancellationToken ct);

    /// <summary>When the browser last signed the challenge's user in; null: it never has. A session vouches for its own user alone.</summary>
    protected virtual DateTimeOffset? KnownSince() => Opener.KnownInSession(HttpContext, Handle.UserId);

    /// <summary>Changes the challenge if it is one of this page's purpose.</summary>
    private Task<Error?> OnOwnAsync(Func<CountersignDbContext, CancellationToken, Task<Error?>> change, CancellationToken ct) => desk.Writer.RunAsync(
        async (db, token) => await db.Set<Challenge>().AnyAsync(c => c.UserId == Handle.UserId && c.Id == Handle.Id && c.Purpose == PurposeId, token) ? await change(db, token) : ChallengeErrors.Missing,
        ct);

    private Opener CurrentOpener() => desk.Openers.Get(HttpContext, KnownSince());

    private RedirectResult Refuse(Error error, bool ofField = false, string? typed = null) =>
        this.Carry(OwnPath, CarriedRefusal.Of(error, desk.Errors.Say(error), ofField ? "code" : null, typed));

    private async Task LoadAsync(CancellationToken ct)
    {
        var opener = CurrentOpener();
        await using var db = desk.Contexts.Read();
        var found = await desk.Reader.FindAsync(db, Handle, opener, ct);
        if (!found.Succeeded || found.Value.View.Purpose != PurposeId)
        {
            Refusal = desk.Errors.Say(found.Error ?? ChallengeErrors.Missing);
            return;
        }

        Open = found.Value;
        if (Open.State is not (ChallengeState.Pending or ChallengeState.Prompted))
        {
            Refusal = Open.Refusal is { } refused ? desk.Errors[refused] : desk.Errors.Say(Ended(Open.State));
            return;
        }

        Choices = desk.Purposes[PurposeId].Activates ? [] : await ChoicesAsync(db, Open, ct);
        Choosing = Open.State == ChallengeState.Pending || (Choosing && HasOther);
        if (Open is { State: ChallengeState.Prompted, Device: null })
        {
            // Its device does not open; another one may be chosen.
            Refusal = desk.Errors.Say(ChallengeErrors.Unreadable);
            Choosing = Choices.Count > 0;
        }

        if (Open is { Device: { } device, Prompt: { } prompt } && desk.Kinds.Find(device.Kind) is { } kind)
        {
            Prompt = kind.Show(device, Open.View, prompt);
            Delivery = await desk.Status.ReadAsync(Handle, opener, ct);
        }
    }

    private async Task<IReadOnlyList<Choice>> ChoicesAsync(CountersignDbContext db, OpenChallenge open, CancellationToken ct)
    {
        var purpose = desk.Purposes[PurposeId];
        return [.. from device in await desk.Devices.ActiveAsync(db, Handle.UserId, ct)
                   let kind = desk.Kinds.Find(device.Kind)
                   where kind is not null
                   let refusal = purpose.Refuses(device, kind.Traits, open.View.Subject) ?? kind.Unavailable(device, open.View)
                   select new Choice(device, kind.Traits, device.Id == open.Device?.Id, refusal is null ? null : desk.Errors.Say(refusal))];
    }

    private static Error Ended(ChallengeState state) => state switch
    {
        ChallengeState.Expired => ChallengeErrors.Expired,
        ChallengeState.Failed => ChallengeErrors.Failed,
        _ => ChallengeErrors.Ended,
    };
}
