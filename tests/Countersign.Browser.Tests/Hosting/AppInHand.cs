using System.Globalization;
using Countersign.Protocol.Oath;
using Countersign.Testing;

namespace Countersign.Browser.Tests.Hosting;

/// <summary>An authenticator app of the tests, which was given the key that a page shows.</summary>
public sealed class AppInHand
{
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    private readonly byte[] _key;
    private long _last;

    public AppInHand(string secret)
    {
        var letters = secret.Where(Alphabet.Contains).ToList();
        var bits = string.Concat(letters.Select(c => Convert.ToString(Alphabet.IndexOf(c, StringComparison.Ordinal), 2).PadLeft(5, '0')));
        _key = [.. bits.Chunk(8).Where(b => b.Length == 8).Select(b => byte.Parse(b, NumberStyles.BinaryNumber, CultureInfo.InvariantCulture))];
        TestSecrets.Note(string.Concat(letters));
    }

    /// <summary>A code that has not been used: the one before the present one still counts, so that two come without a wait.</summary>
    public async Task<string> CodeAsync()
    {
        await Waiting.UntilAsync(() => Task.FromResult(Now() > _last), TimeSpan.FromSeconds(40));
        _last = _last < Now() - 1 ? Now() - 1 : Now();
        return Totp.Compute(_key, _last, new TotpParameters());
    }

    private static long Now() => Totp.StepAt(TimeProvider.System.GetUtcNow());
}
