using System.Security.Cryptography;
using System.Text;
using Countersign.Protocol.Oath;
using Countersign.Server.Data.Protection;
using Countersign.Server.Features.Access.Passwords;
using OtherBase32 = OtpNet.Base32Encoding;
using OtherTotp = OtpNet.Totp;
using OtherWindow = OtpNet.VerificationWindow;

namespace Countersign.Bench;

/// <summary>What is measured without a server: what other figures are read beside, and our arithmetic beside another library's.</summary>
internal sealed class Alone(PasswordHash hashes, ISecrets secrets, TimeProvider time, bool isSmoke)
{
    private const int Rounds = 20;

    /// <summary>As many at a time as make a round long beside what the clock of CPU time can tell apart.</summary>
    private const int Light = 200_000;

    public IEnumerable<AloneRow> Of(string scenario) => scenario switch
    {
        BenchOptions.Hash => Hash(),
        BenchOptions.Signature => Signature(),
        _ => Oath(),
    };

    /// <summary>One password hash, as the server makes them: what a sign-in cannot do without.</summary>
    private IEnumerable<AloneRow> Hash()
    {
        var hash = hashes.Make(Population.Password);
        yield return Measure("password hash", 1, () => hashes.Matches(Population.Password, hash));
    }

    /// <summary>One signature checked, the key read first: the part of a passkey's check that is arithmetic.</summary>
    private IEnumerable<AloneRow> Signature()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var (parameters, data) = (key.ExportParameters(includePrivateParameters: false), Encoding.ASCII.GetBytes(new string('x', 69)));
        var signature = key.SignData(data, HashAlgorithmName.SHA256);
        yield return Measure("signature of a passkey (P-256) checked", 200, () =>
        {
            using var read = ECDsa.Create(parameters);
            return read.VerifyData(data, signature, HashAlgorithmName.SHA256);
        });
    }

    /// <summary>Keys of 20 bytes written and read, and codes looked for in three steps, each beside Otp.NET.</summary>
    private IEnumerable<AloneRow> Oath()
    {
        var (key, now, agreed) = (secrets.Bytes(20), time.GetUtcNow(), new TotpParameters());
        var text = Base32.Encode(key);
        var code = Totp.Compute(key, Totp.StepAt(now), agreed);
        var (other, window) = (new OtherTotp(key), new OtherWindow(previous: 1, future: 1));
        yield return Measure("Base32 written", Light, () => Base32.Encode(key).Length > 0);
        yield return Measure("Base32 written by Otp.NET", Light, () => OtherBase32.ToString(key).Length > 0);
        yield return Measure("Base32 read", Light, () => Base32.TryDecode(text, out _));
        yield return Measure("Base32 read by Otp.NET", Light, () => OtherBase32.ToBytes(text).Length > 0);
        yield return Measure("TOTP found in three steps", Light, () => Totp.FindStep(key, code, now, agreed, 1, 1) is not null);
        yield return Measure("TOTP found by Otp.NET", Light, () => other.VerifyTotp(now.UtcDateTime, code, out _, window));
    }

    private AloneRow Measure(string name, int times, Func<bool> act)
    {
        var rounds = new List<double>();
        for (var i = 0; i < (isSmoke ? 1 : Rounds); i++)
        {
            var before = Environment.CpuUsage.TotalTime;
            for (var j = 0; j < times; j++)
            {
                if (!act())
                {
                    throw new InvalidOperationException(name + " went wrong.");
                }
            }

            rounds.Add((Environment.CpuUsage.TotalTime - before).TotalMicroseconds / times);
        }

        return new AloneRow(name, rounds.Min(), rounds.Order().ElementAt(rounds.Count / 2));
    }
}
