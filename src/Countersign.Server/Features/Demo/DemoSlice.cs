using System.Text.Json;
using Countersign.Server.Data;
using Countersign.Server.Features.Devices;
using Countersign.Server.Features.Messages;
using Countersign.Server.Features.Users;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.Demo;

/// <summary>Personas, the demo phone and the mailbox. Composed in demo mode only.</summary>
internal static class DemoSlice
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public static IServiceCollection AddDemo(this IServiceCollection services)
    {
        services.AddSingleton<DemoPersonas>();
        services.AddSingleton<DemoApplication>();
        services.AddSingleton<DemoMessages>();
        services.AddSingleton<IMessageGateway>(new DemoGateway(MessageChannel.Sms));
        services.AddSingleton<IMessageGateway>(new DemoGateway(MessageChannel.Email));
        services.AddSingleton<IMessageGateway>(new DemoGateway(MessageChannel.Voice));
        return services;
    }

    public static void MapDemo(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/demo").AllowAnonymous().WithTags("Demo");
        group.MapGet("/phone/messages", async (string? to, DemoMessages messages, CancellationToken ct) =>
            TypedResults.Ok(await messages.NewestAsync(MessageChannel.Sms, Number(to), ct)));
        group.MapGet("/mail", async (string? to, DemoMessages messages, CancellationToken ct) =>
            TypedResults.Ok(await messages.NewestAsync(MessageChannel.Email, to, ct)));
        group.MapGet("/personas", async (CountersignDbContext db, CancellationToken ct) => TypedResults.Json(await PersonasAsync(db, ct), Json));
    }

    /// <summary>A plus sign in an address reads as a space; the phone's owner meant the plus.</summary>
    internal static string? Number(string? to) => string.IsNullOrWhiteSpace(to) ? null : "+" + to.Trim().TrimStart('+');

    private static async Task<List<PersonaView>> PersonasAsync(CountersignDbContext db, CancellationToken ct)
    {
        var devices = await (from user in db.Set<User>()
                             join device in db.Set<Device>() on user.Id equals device.UserId
                             where device.Status == DeviceStatus.Active
                             select new { user.NormalisedName, device.Id, device.Kind, device.Label }).ToListAsync(ct);
        return [.. Persona.All.Select(p => new PersonaView(
            p.UserName, Persona.Password, p.Account, p.Jurisdiction, p.Mobile,
            [.. devices.Where(d => d.NormalisedName == p.UserName).Select(d => new DeviceOfPersona(d.Id, d.Kind, d.Label))]))];
    }

    internal sealed record PersonaView(string Username, string Password, string Account, string Jurisdiction, string Mobile, IReadOnlyList<DeviceOfPersona> Devices);

    internal sealed record DeviceOfPersona(Guid Id, string Kind, string Label);
}
