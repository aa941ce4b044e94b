using System.CommandLine;
using Countersign.Protocol.Oath;

namespace Countersign.Server.Cli;

/// <summary>
/// <c>countersign oath hotp|totp|ocra</c>: computes a one-time password, to compare with a device or with another program. Other
/// programs call it; it needs no database, no settings and no host.
/// </summary>
internal static class OathCommand
{
    public static Command Create(TimeProvider time)
    {
        var command = new Command("oath", "Computes one-time passwords from a key and inputs, to compare with a device or another program.")
        {
            HotpCommand(),
            TotpCommand(time),
            OcraCommand.Create(),
        };
        TakeUnknown(command);
        return command;
    }

    /// <summary>Runs what computes a line of output.</summary>
    public static Command Printing(this Command command, Action<ParseResult, TextWriter> run)
    {
        var unknown = TakeUnknown(command);
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(unknown) is { Length: > 0 })
            {
                throw new StartException($"oath {command.Name} does not know one of its arguments; see --help.");
            }

            run(parsed, parsed.InvocationConfiguration.Output);
            return 0;
        });
        return command;
    }

    // The parser would repeat what it does not know, which may be a key behind an option that is misspelt.
    private static Argument<string[]> TakeUnknown(Command command)
    {
        var unknown = new Argument<string[]>("unknown") { Hidden = true, Arity = ArgumentArity.ZeroOrMore };
        command.Arguments.Add(unknown);
        return unknown;
    }

    private static Command HotpCommand()
    {
        var code = new CodeOptions();
        var counter = new Option<string>("--counter") { Description = "The counter, 0 or more.", Required = true };
        return new Command("hotp", "Computes an event-based code (RFC 4226).")
        {
            code.Key,
            counter,
            code.Digits,
            code.Hash,
        }.Printing((parsed, output) =>
            output.WriteLine(Hotp.Compute(
                code.KeyOf(parsed), OathText.Number(parsed.GetValue(counter)!, counter.Name), code.DigitsOf(parsed), code.HashOf(parsed))));
    }

    private static Command TotpCommand(TimeProvider time)
    {
        var code = new CodeOptions();
        var at = new Option<string?>("--time")
        {
            Description = "The moment, as seconds since 1970 or as ISO 8601 such as 2026-01-31T08:30:00Z (default now).",
        };
        var period = new Option<string>("--period") { Description = "Length of a time step in seconds.", DefaultValueFactory = _ => "30" };
        return new Command("totp", "Computes a time-based code (RFC 6238).")
        {
            code.Key,
            at,
            code.Digits,
            code.Hash,
            period,
        }.Printing((parsed, output) =>
        {
            var moment = parsed.GetValue(at) is { } text ? OathText.Moment(text, at.Name) : time.GetUtcNow();
            var parameters = new TotpParameters(
                code.HashOf(parsed),
                code.DigitsOf(parsed),
                (int)OathText.Number(parsed.GetValue(period)!, period.Name, 1, TotpParameters.MaxPeriod));
            output.WriteLine(Totp.Compute(code.KeyOf(parsed), Totp.StepAt(moment, parameters.Period), parameters));
        });
    }

    /// <summary>
    /// The options that both kinds of code have. All are text: the parser of the command line would repeat what it cannot read.
    /// </summary>
    private sealed class CodeOptions
    {
        public Option<string> Key { get; } = new("--key-hex") { Description = "The key in hexadecimal digits.", Required = true };

        public Option<string> Digits { get; } = new("--digits")
        {
            Description = $"Length of the code, {Hotp.MinDigits} to {Hotp.MaxDigits}.",
            DefaultValueFactory = _ => "6",
        };

        public Option<string> Hash { get; } = new("--hash") { Description = "sha1, sha256 or sha512.", DefaultValueFactory = _ => "sha1" };

        public byte[] KeyOf(ParseResult parsed) => OathText.Key(parsed.GetValue(Key)!, Key.Name);

        public int DigitsOf(ParseResult parsed) =>
            (int)OathText.Number(parsed.GetValue(Digits)!, Digits.Name, Hotp.MinDigits, Hotp.MaxDigits);

        public OathHash HashOf(ParseResult parsed) => OathText.Hash(parsed.GetValue(Hash)!, Hash.Name);
    }
}
