using System.Globalization;
using Countersign.Protocol.Oath;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Kinds.AuthenticatorApps;

namespace Countersign.Server.Features.Pages.Demo.Lab;

/// <summary>A phone with an authenticator app, which has scanned every QR code that its owner was shown.</summary>
internal sealed class AppInHand(TimeProvider time) : ILabKind
{
    public string Id => AuthenticatorAppKind.KindId;

    public string View => "_App";

    public object Show(IReadOnlyList<HeldThing> things, LabQuery query) => new AppsInHand(query.Owner, [.. things.Select(CodeOf)]);

    public DeviceOfPersona Tell(DeviceOfPersona facts, HeldThing thing)
    {
        var app = AppKey.Read(thing.Credential.State);
        return facts with
        {
            Suite = string.Create(CultureInfo.InvariantCulture, $"TOTP-{app.Hash.ToString().ToUpperInvariant()}-{app.Digits}"),
            KeyHex = Convert.ToHexStringLower(app.Key),
        };
    }

    /// <summary>What the app shows of a device at this moment.</summary>
    public AppCode CodeOf(HeldThing thing)
    {
        var (app, now) = (AppKey.Read(thing.Credential.State), time.GetUtcNow());
        var parameters = new TotpParameters(app.Hash, app.Digits);
        var code = Totp.Compute(app.Key, Totp.StepAt(now, parameters.Period), parameters);
        var elapsed = (int)(now.ToUnixTimeSeconds() % parameters.Period);
        return new AppCode(
            thing.Device.Id, thing.Device.Label, thing.Device.Status, $"{code[..(code.Length / 2)]} {code[(code.Length / 2)..]}",
            parameters.Period - elapsed, parameters.Period);
    }
}

/// <summary>The model of the page's part.</summary>
internal sealed record AppsInHand(Persona Owner, IReadOnlyList<AppCode> Codes);

/// <summary>One entry of the app.</summary>
/// <param name="Left">Seconds for which the code is the present one.</param>
internal sealed record AppCode(Guid Id, string Label, DeviceStatus Status, string Code, int Left, int Period);
