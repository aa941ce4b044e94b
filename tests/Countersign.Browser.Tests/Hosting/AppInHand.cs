using Countersign.Protocol.Oath;
using Countersign.Testing;

namespace Countersign.Browser.Tests.Hosting;

/// <summary>An authenticator app of the tests.</summary>
public sealed class AppInHand
{
    private readonly byte[] _key;
    private long _last;

    private AppInHand(byte[] key)
    {
        _key = key;
        TestSecrets.Note(Base32.Encode(key));
        TestSecrets.Note(Convert.ToHexStringLower(key));
    }

    /// <summary>One that was given the key that a page shows.</summary>
    public static AppInHand OfBase32(string secret) =>
        new(Base32.TryDecode(secret, out var key) ? key : throw new ArgumentException("The key is no Base32.", nameof(secret)));

    /// <summary>One of a persona.</summary>
    public static AppInHand OfHex(string key) => new(Convert.FromHexString(key));

    /// <summary>
    /// A code that has not been used. Early in a step the one before still counts for long enough to be typed, so that two come
    /// without a wait.
    /// </summary>
    public async Task<string> CodeAsync()
    {
        await Waiting.UntilAsync(() => Task.FromResult(Now() > _last), Waiting.Ceiling);
        _last = _last < Now() - 1 && SecondsIntoStep() < 10 ? Now() - 1 : Now();
        return Totp.Compute(_key, _last, new TotpParameters());
    }

    private static long Now() => Totp.StepAt(TimeProvider.System.GetUtcNow());

    private static long SecondsIntoStep() => TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() % 30;
}
