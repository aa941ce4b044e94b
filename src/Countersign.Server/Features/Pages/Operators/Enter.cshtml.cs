using Countersign.Server.Data;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Http;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Localization;

namespace Countersign.Server.Features.Pages.Operators;

/// <summary>The door of the operators' pages. In demo mode, where everything is public, a code lies ready.</summary>
[AllowAnonymous]
[EnableRateLimiting(HttpSlice.CostlyPolicy)]
internal sealed class EnterModel(
    IWriter writer, OperatorCodes codes, OperatorAccess access, AuditTrail audit, ServeMode mode,
    IStringLocalizer<ErrorText> errors) : PageModel
{
    private const string Here = "/operations/enter";

    public string? Refusal { get; private set; }

    public string? DemoCode { get; private set; }

    public void OnGet()
    {
        Refusal = this.Carried()?.Text;
        DemoCode = mode.Demo ? codes.Make("demo") : null;
    }

    public async Task<IActionResult> OnPostAsync([FromForm(Name = "operator-code")] string? code, CancellationToken ct)
    {
        var source = ClientSource.Of(HttpContext);
        var name = await writer.RunAsync(
            async (db, token) =>
            {
                var spent = await codes.SpendAsync(db, code);
                if (spent is not null)
                {
                    audit.Add(db, AuditEvents.OperatorEntered, userId: null, Actor.Operator(source, spent), ("operator", spent));
                }

                return spent;
            },
            ct);
        if (name is null)
        {
            return this.Carry(Here, CarriedRefusal.Of(OperatorErrors.WrongCode, errors.Say(OperatorErrors.WrongCode), "operator-code"));
        }

        access.Enter(HttpContext, name);
        return Redirect("/operations/messages");
    }
}
