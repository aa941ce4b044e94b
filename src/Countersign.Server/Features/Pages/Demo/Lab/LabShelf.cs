using Countersign.Server.Data;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Registry.Users;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.Pages.Demo.Lab;

/// <summary>Finds the personas' devices, opened. A demo's secrets are public (D30).</summary>
internal sealed class LabShelf(Contexts contexts, CredentialVault vault, IEnumerable<ILabKind> kinds)
{
    private static readonly DeviceStatus[] InHand =
    [
        DeviceStatus.Shipped, DeviceStatus.Waiting, DeviceStatus.Active, DeviceStatus.Suspended,
    ];

    /// <summary>The kinds that can be shown as things, in the order of the page.</summary>
    public IReadOnlyList<ILabKind> Kinds { get; } = [.. kinds];

    /// <summary>What the persona holds in the hand, waiting devices included.</summary>
    public async Task<IReadOnlyList<HeldThing>> HeldByAsync(Persona owner, CancellationToken ct)
    {
        await using var db = contexts.Read();
        var userId = await db.Set<User>().Where(u => u.NormalisedName == owner.UserName).Select(u => (Guid?)u.Id).SingleOrDefaultAsync(ct);
        if (userId is not { } id)
        {
            return [];
        }

        var rows = await DeviceViews.RowsOf(db, id).Where(r => InHand.Contains(r.Device.Status)).ToListAsync(ct);
        return [.. from row in rows
                   let credential = vault.Open(row.Credential, row.Device)
                   where credential is not null
                   orderby row.Device.CreatedAt, row.Device.Id
                   select new HeldThing(DeviceView.Of(row.Device, row.Credential), credential)];
    }

    /// <summary>All personas with the devices that they can answer with, for programs.</summary>
    public async Task<IReadOnlyList<PersonaView>> PersonasAsync(CancellationToken ct)
    {
        var personas = new List<PersonaView>();
        foreach (var persona in Persona.All)
        {
            var held = (await HeldByAsync(persona, ct)).Where(t => t.Device.Status == DeviceStatus.Active);
            personas.Add(new PersonaView(
                persona.UserName, Persona.Password, persona.Account, persona.Jurisdiction, persona.Mobile, [.. held.Select(Tell)]));
        }

        return personas;
    }

    private DeviceOfPersona Tell(HeldThing thing)
    {
        var facts = new DeviceOfPersona(thing.Device.Id, thing.Device.Kind, thing.Device.Label);
        return Kinds.FirstOrDefault(k => k.Id == thing.Device.Kind)?.Tell(facts, thing) ?? facts;
    }
}

/// <summary>The parts of the lab's page, each with what its thing shows.</summary>
internal sealed class LabParts(LabShelf shelf)
{
    public async Task<IReadOnlyList<(string View, object Model)>> OfAsync(LabQuery query, CancellationToken ct)
    {
        var held = (await shelf.HeldByAsync(query.Owner, ct)).ToLookup(t => t.Device.Kind);
        return
        [
            .. shelf.Kinds.Where(k => held.Contains(k.Id)).Select(
                k => ($"/Features/Pages/Demo/Lab/{k.View}.cshtml", k.Show([.. held[k.Id]], query))),
        ];
    }
}

/// <summary>All that a program needs to be a persona.</summary>
internal sealed record PersonaView(
    string Username, string Password, string Account, string Jurisdiction, string Mobile, IReadOnlyList<DeviceOfPersona> Devices);
