using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Countersign.Server.Features.Confirming.Challenges;

/// <summary>What the page of a challenge asks for.</summary>
internal enum ChallengeStep
{
    /// <summary>A device.</summary>
    Choose,

    /// <summary>What the device says.</summary>
    Answer,

    /// <summary>Nothing but to go on: whoever holds the device has approved it.</summary>
    Use,

    /// <summary>Nothing more: the challenge is over, or is not here.</summary>
    Ended,
}

/// <summary>
/// The page of a challenge, whatever its purpose: choose a device, answer, ask again, go back. A purpose's page derives from
/// <see cref="ChallengePageModel{TSubject,TResult}"/> and says what follows. Every step is a form that works without scripts.
/// </summary>
internal abstract class ChallengePageModel(ChallengeSteps steps) : PageModel
{
    [FromRoute]
    public ChallengeHandle Handle { get; set; }

    /// <summary>The person wants another device.</summary>
    [FromQuery(Name = "choose")]
    public bool Choosing { get; set; }

    /// <summary>The prompt was put once more just now; by which way, where it has several.</summary>
    [FromQuery(Name = "repeated")]
    public string? Repeated { get; set; }

    /// <summary>The refusal to show; null when there is none.</summary>
    public string? Refusal { get; private set; }

    /// <summary>Whether the refusal is about what was typed, and belongs to the field.</summary>
    public bool RefusalIsOfField { get; private set; }

    /// <summary>What was typed, given back when it could not be read; a wrong code is not.</summary>
    public string? Typed { get; private set; }

    /// <summary>Null once the challenge has ended.</summary>
    public OpenChallenge? Open { get; private set; }

    /// <summary>What the kind's part of the page shows.</summary>
    public PromptView? Prompt => Open?.Prompt;

    public ChallengeStep Step =>
        Open is not { IsLive: true } ? ChallengeStep.Ended
        : Open.State == ChallengeState.Approved ? ChallengeStep.Use
        : Choosing ? ChallengeStep.Choose
        : Prompt is not null ? ChallengeStep.Answer : ChallengeStep.Ended;

    public string? KindId => Open?.KindId;

    /// <summary>The kind's part of the page.</summary>
    public virtual string PromptPart => "_Prompt";

    /// <summary>
    /// The device that the picker has chosen already: the one prompted on, else the preferred or last used, of those that may
    /// answer.
    /// </summary>
    public Guid? Preselected =>
        (Choices.FirstOrDefault(c => c.Current && c.Refusal is null) ?? Choices.FirstOrDefault(c => c.Refusal is null))?.Device.Id;

    public IReadOnlyList<Choice> Choices { get; private set; } = [];

    /// <summary>Whether there is another device than the one prompted on, which may have ended meanwhile.</summary>
    public bool HasOther => Choices.Any(c => !c.Current);

    public ChallengeStatus? Delivery { get; private set; }

    public DateTimeOffset Now => steps.Now;

    /// <summary>Where a person begins anew.</summary>
    public abstract string StartPath { get; }

    /// <summary>This page's own address, for its forms and its script.</summary>
    public abstract string OwnPath { get; }

    /// <summary>Where a button of this page posts to: <c>choose</c>, <c>answer</c>, <c>use</c>, <c>repeat</c> or <c>cancel</c>.</summary>
    public string HandlerPath(string handler) => With("handler", handler);

    /// <summary>This page with the picker open.</summary>
    public string ChoosePath => With("choose", "true");

    /// <summary>Which words the field and its button have, where they are not the usual ones.</summary>
    public virtual string? Wording => null;

    /// <summary>Why a device in the picker cannot be chosen, in words.</summary>
    public string? Say(Choice choice) => choice.Refusal is null ? null : steps.Say(choice.Refusal);

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
        ViewData["Title"] = steps.Text("title." + Step.ToString().ToLowerInvariant());
        ViewData["Refused"] = Refusal is not null;
        ViewData["Here"] = OwnPath;
        ViewData["ReloadIn"] = Step == ChallengeStep.Answer && Prompt?.Sent is { Waits: true } waiting && waiting.NextSendAt > Now
            ? (int)Math.Ceiling((waiting.NextSendAt - Now).TotalSeconds)
            : null;
        return Page();
    }

    public async Task<IActionResult> OnPostChooseAsync(Guid device, CancellationToken ct) =>
        Follow(await steps.ChooseAsync(Purpose, At, device, ct));

    /// <param name="first">Said where nothing had gone yet when the page was made.</param>
    public async Task<IActionResult> OnPostRepeatAsync(string? by, string? first, CancellationToken ct)
    {
        if (await steps.RepeatAsync(Purpose, At, by, ct) is not { } refusal)
        {
            return Redirect(first is null ? With("repeated", by ?? "again") : OwnPath);
        }

        // Two tabs that waited for the same code: the other one has had it sent, and nothing is wrong.
        return first is not null && (await steps.ShowAsync(Purpose, At, ct)).Value?.Open.Prompt?.Sent is { SentAt: not null }
            ? Redirect(OwnPath)
            : Refuse(refusal);
    }

    public async Task<IActionResult> OnPostCancelAsync(CancellationToken ct)
    {
        await steps.CancelAsync(Purpose, At, ct);
        return Redirect(StartPath);
    }

    /// <summary>A challenge of another purpose is not found here: what follows from it is not this page's to do.</summary>
    protected abstract Purpose Purpose { get; }

    protected ChallengeSteps Steps => steps;

    protected ChallengeRequestContext At => new(HttpContext, Handle, KnownSince());

    /// <summary>
    /// When the browser last signed the challenge's user in; null: it never has. A session vouches for its own user alone.
    /// </summary>
    protected virtual DateTimeOffset? KnownSince() => Openers.KnownInSession(HttpContext, Handle.UserId);

    protected RedirectResult Refuse(Error error, bool ofField = false, string? typed = null) =>
        this.Carry(OwnPath, CarriedRefusal.Of(error, steps.Say(error), ofField ? "code" : null, typed));

    private string With(string name, string value) =>
        OwnPath + (OwnPath.Contains('?', StringComparison.Ordinal) ? "&" : "?") + name + "=" + Uri.EscapeDataString(value);

    private RedirectResult Follow(Error? refusal) => refusal is null ? Redirect(OwnPath) : Refuse(refusal);

    private async Task LoadAsync(CancellationToken ct)
    {
        var found = await steps.ShowAsync(Purpose, At, ct);
        if (!found.Succeeded)
        {
            Refusal = steps.Say(found.Error);
            return;
        }

        (Open, Choices, Delivery) = (found.Value.Open, found.Value.Choices, found.Value.Status);
        if (!Open.IsLive)
        {
            Refusal = Open.Refusal is { } refused
                ? steps.Say(refused)
                : steps.Say(ChallengeErrors.EndedBy(Open.State) ?? ChallengeErrors.Ended);
            return;
        }

        Choosing = Open.State == ChallengeState.Pending || (Choosing && HasOther);
        if (Open is { State: ChallengeState.Prompted, Prompt: null })
        {
            // Its device does not open; another one may be chosen.
            Refusal = steps.Say(ChallengeErrors.Unreadable);
            Choosing = Choices.Count > 0;
        }
    }
}

/// <summary>The page of a challenge of one purpose.</summary>
internal abstract class ChallengePageModel<TSubject, TResult>(
    ChallengeSteps steps, Purpose<TSubject, TResult> purpose) : ChallengePageModel(steps)
{
    protected sealed override Purpose Purpose => purpose;

    public async Task<IActionResult> OnPostAnswerAsync(int prompt, string? code, CancellationToken ct) =>
        await FollowAsync(await Steps.TypeAsync(purpose, At, prompt, code, ct), code);

    /// <summary>Goes on with what was approved elsewhere.</summary>
    public async Task<IActionResult> OnPostUseAsync(CancellationToken ct) =>
        await FollowAsync(await Steps.UseAsync(purpose, At, ct), typed: null);

    /// <summary>What follows when the purpose was carried out.</summary>
    protected abstract Task<IActionResult> CompletedAsync(TSubject subject, TResult result, CancellationToken ct);

    private async Task<IActionResult> FollowAsync(Answered<TSubject, TResult> answered, string? typed) => answered switch
    {
        Answered<TSubject, TResult>.Completed completed => await CompletedAsync(
            completed.Subject, completed.Value, HttpContext.RequestAborted),
        Answered<TSubject, TResult>.Wrong wrong => Refuse(wrong.Error, ofField: true),
        Answered<TSubject, TResult>.Refused { Looked: false } refused => Refuse(
            refused.Error, ofField: refused.Error.Kind == ErrorKind.Invalid, typed: typed),
        Answered<TSubject, TResult>.Refused refused => Refuse(refused.Error),
        _ => throw new System.Diagnostics.UnreachableException(),
    };
}
