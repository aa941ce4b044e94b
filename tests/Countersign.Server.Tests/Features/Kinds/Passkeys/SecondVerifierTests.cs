using System.Net;
using Countersign.Server.Tests.Hosting;
using Countersign.Testing;

namespace Countersign.Server.Tests.Features.Kinds.Passkeys;

/// <summary>
/// Another implementation of WebAuthn says the same of each response, right or not: faults here are signed for, so that only the
/// one check finds them.
/// </summary>
public sealed class SecondVerifierTests(OnSqlite server)
{
    private static readonly Uri Site = new("https://broker.example");

    [Theory]
    [InlineData("none")]
    [InlineData("origin")]
    [InlineData("rp")]
    [InlineData("challenge")]
    [InlineData("signature")]
    [InlineData("verification")]
    [InlineData("counter")]
    public async Task Both_say_the_same_of_a_use_with_fault(string fault)
    {
        using var key = new SoftPasskey { Counter = 3 };
        var user = await server.UserAsync();
        using var desk = server.Browser();
        await server.SignInAsync(desk, user);
        var activate = await server.BeginAddingAsync(desk, user, "passkey", "Laptop");
        var asked = CountersignServer.PasskeyOptions(activate);
        var made = key.Make(asked);
        var theirs = (await SecondVerifier.LookAsync(SecondQuestion.Of("registration", made, asked, Site)))[0];
        await CountersignServer.TypeCodeAsync(desk, activate, made);
        var device = await server.DeviceAsync(user, "passkey");
        using var browser = server.Browser();
        var page = await CountersignServer.TypePasswordAndChooseAsync(browser, user, device.Id);
        var options = CountersignServer.PasskeyOptions(page);
        var response = Faulty(key, options, fault);

        var second = (await SecondVerifier.LookAsync(SecondQuestion.Of("authentication", response, options, Site, theirs.Credential)))[0];
        var ours = await CountersignServer.TypeCodeAsync(browser, page, response);

        Assert.True(theirs.Verified, theirs.Why);
        Assert.Equal(SoftPasskey.ModelId, Guid.Parse(theirs.Aaguid!));
        Assert.Equal(fault == "none", second.Verified);
        Assert.Equal(second.Verified, ours.Status == HttpStatusCode.OK && ours.Path == "/");
    }

    [Theory]
    [InlineData("none")]
    [InlineData("origin")]
    [InlineData("rp")]
    [InlineData("challenge")]
    [InlineData("verification")]
    public async Task Both_say_the_same_of_a_new_one_with_fault(string fault)
    {
        using var key = new SoftPasskey();
        var user = await server.UserAsync();
        using var desk = server.Browser();
        await server.SignInAsync(desk, user);
        var activate = await server.BeginAddingAsync(desk, user, "passkey", "Laptop");
        var asked = CountersignServer.PasskeyOptions(activate);
        var made = Faulty(key, asked, fault, isNew: true);

        var second = (await SecondVerifier.LookAsync(SecondQuestion.Of("registration", made, asked, Site)))[0];
        var ours = await CountersignServer.TypeCodeAsync(desk, activate, made);

        Assert.Equal(fault == "none", second.Verified);
        Assert.Equal(second.Verified, ours.Path == "/settings/devices");
    }

    private static string Faulty(SoftPasskey key, string options, string fault, bool isNew = false)
    {
        key.Origin = fault == "origin" ? "https://broker.example.test" : key.Origin;
        key.RpId = fault == "rp" ? "example" : key.RpId;
        key.Verifies = fault != "verification";
        key.Counter = fault == "counter" ? 1 : key.Counter;
        var asked = fault == "challenge" ? options.Replace("\"challenge\":\"", "\"challenge\":\"AAAA", StringComparison.Ordinal) : options;
        var response = isNew ? key.Make(asked) : key.Use(asked);
        return fault == "signature" ? SoftPasskey.Forged(response) : response;
    }
}
