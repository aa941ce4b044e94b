using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Countersign.Server.Features.Pages.Demo;

/// <summary>Explains the walk through the demo and introduces the personas.</summary>
[AllowAnonymous]
internal sealed class WalkModel : PageModel
{
    public static IReadOnlyList<Persona> Personas => Persona.All;

    public static string Password => Persona.Password;
}
