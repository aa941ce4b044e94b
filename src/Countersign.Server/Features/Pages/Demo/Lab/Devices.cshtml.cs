using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Countersign.Server.Features.Pages.Demo.Lab;

/// <summary>What the personas hold in their hands.</summary>
[AllowAnonymous]
internal sealed class LabModel(LabParts parts) : PageModel
{
    [FromQuery(Name = "user")]
    public string? UserName { get; set; }

    /// <summary>Index numbers to look up on a card.</summary>
    [FromQuery(Name = "cells")]
    public string? Cells { get; set; }

    public Persona Owner => Persona.All.FirstOrDefault(p => p.UserName == UserName) ?? Persona.All[0];

    /// <summary>The parts of the page and their models.</summary>
    public IReadOnlyList<(string View, object Model)> Parts { get; private set; } = [];

    public async Task OnGetAsync(CancellationToken ct) => Parts = await parts.OfAsync(new LabQuery(Owner, Cells), ct);

    public static string PathOf(Persona persona) => "/demo/devices?user=" + Uri.EscapeDataString(persona.UserName);
}
