using System.Text.Json;
using Countersign.Server.Features.Messaging.Messages;
using Countersign.Server.Features.Pages.Demo.Lab;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Countersign.Server.Features.Pages.Demo;

/// <summary>Personas, the demo phone, the mailbox and the device lab. Composed in demo mode only.</summary>
internal static class DemoSlice
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
    };

    public static IServiceCollection AddDemo(this IServiceCollection services)
    {
        services.AddSingleton<DemoPersonas>();
        services.AddSingleton<DemoApplication>();
        services.AddSingleton<DemoMessages>();
        services.AddSingleton<DemoDevices>();
        services.AddSingleton<LabShelf>().AddSingleton<LabParts>();
        services.AddSingleton<AppInHand>();
        services.AddSingleton<ILabKind, CardInHand>();
        services.AddSingleton<ILabKind>(s => s.GetRequiredService<AppInHand>());
        services.AddSingleton<IMessageGateway>(new DemoGateway(MessageChannel.Sms));
        services.AddSingleton<IMessageGateway>(new DemoGateway(MessageChannel.Email));
        services.AddSingleton<IMessageGateway>(new DemoGateway(MessageChannel.Voice));
        return services;
    }

    /// <summary>Outside demo mode its pages do not exist (D30).</summary>
    public static IServiceCollection LeaveOutDemo(this IServiceCollection services) =>
        services.Configure<RazorPagesOptions>(
            o => o.Conventions.AddFolderRouteModelConvention("/Pages/Demo", page => page.Selectors.Clear()));

    public static void MapDemo(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/demo").AllowAnonymous().WithTags("Demo");
        group.MapGet("/phone/messages", async (string? to, DemoMessages messages, CancellationToken ct) =>
            TypedResults.Ok(await messages.NewestAsync(MessageChannel.Sms, Number(to), ct)));
        group.MapGet("/mail", async (string? to, DemoMessages messages, CancellationToken ct) =>
            TypedResults.Ok(await messages.NewestAsync(MessageChannel.Email, to, ct)));
        group.MapGet("/personas", async (LabShelf shelf, CancellationToken ct) => TypedResults.Json(await shelf.PersonasAsync(ct), Json));
        group.MapGet("/devices/codes", async (string? user, LabShelf shelf, AppInHand apps, CancellationToken ct) =>
            TypedResults.Json(await CodesAsync(user, shelf, apps, ct), Json));
    }

    /// <summary>A plus sign in an address reads as a space; the phone's owner meant the plus.</summary>
    internal static string? Number(string? to) => string.IsNullOrWhiteSpace(to) ? null : "+" + to.Trim().TrimStart('+');

    /// <summary>What the persona's authenticator app shows now.</summary>
    private static async Task<IEnumerable<AppCode>> CodesAsync(string? user, LabShelf shelf, AppInHand apps, CancellationToken ct) =>
        Persona.All.FirstOrDefault(p => p.UserName == user) is { } owner
            ? (await shelf.HeldByAsync(owner, ct)).Where(t => t.Device.Kind == apps.Id).Select(apps.CodeOf)
            : [];
}
