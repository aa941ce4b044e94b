using Countersign.Server.Data;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Registry.Users;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.Pages.Demo.Lab;

/// <summary>Finds the personas' devices, opened. A demo's secrets are public (D30).</summary>
internal sealed class LabShelf(Contexts contexts, DeviceViews devices, IEnumerable<ILabKind> kinds)
{
    private static readonly DeviceStatus[] InHand = [DeviceStatus.Ordered, DeviceStatus.Shipped, DeviceStatus.Active, DeviceStatus.Suspended];

    /// <summary>The kinds that can be shown as things, in the order of the page.</summary>
    public IReadOnlyList<ILabKind> Kinds { get; } = [.. kinds];

    /// <summary>What the persona holds in the hand, waiting devices included.</summary>
    public async Task<IReadOnlyList<DeviceView>> HeldByAsync(Persona owner, CancellationToken ct)
    {
        await using var db = contexts.Read();
        var userId = await db.Set<User>().Where(u => u.NormalisedName == owner.UserName).Select(u => (Guid?)u.Id).SingleOrDefaultAsync(ct);
        return userId is { } id ? [.. (await devices.WithStatusAsync(db, id, InHand, ct)).OrderBy(d => d.CreatedAt).ThenBy(d => d.Id)] : [];
    }

    /// <summary>All personas with the devices that they can answer with, for programs.</summary>
    public async Task<IReadOnlyList<PersonaView>> PersonasAsync(CancellationToken ct)
    {
        var personas = new List<PersonaView>();
        foreach (var persona in Persona.All)
        {
            var held = (await HeldByAsync(persona, ct)).Where(d => d.Status == DeviceStatus.Active);
            personas.Add(new PersonaView(persona.UserName, Persona.Password, persona.Account, persona.Jurisdiction, persona.Mobile, [.. held.Select(Tell)]));
        }

        return personas;
    }

    private DeviceOfPersona Tell(DeviceView device)
    {
        var facts = new DeviceOfPersona(device.Id, device.Kind, device.Label);
        return Kinds.FirstOrDefault(k => k.Id == device.Kind)?.Tell(facts, device) ?? facts;
    }
}

/// <summary>All that a program needs to be a persona.</summary>
internal sealed record PersonaView(string Username, string Password, string Account, string Jurisdiction, string Mobile, IReadOnlyList<DeviceOfPersona> Devices);
