using System.CommandLine;
using System.Text;

namespace Countersign.Server.Cli;

/// <summary><c>countersign oath ocra</c>: computes one response, or one for each line of a file.</summary>
internal static class OcraCommand
{
    private const string StandardInput = "-";

    public static Command Create()
    {
        var file = new Option<string?>("--file")
        {
            Description =
                "Instead: a file of JSON lines "
                    + $"{{suite, key_hex, question, counter?, pin_hash_hex?, session_hex?, time_hex?}}; {StandardInput} is "
                    + "standard input. Prints one response a line, and stops at a bad one.",
        };
        var pin = new Option<string?>("--pin") { Description = "The PIN itself, which is hashed as the suite says." };
        Dictionary<string, Option<string?>> options = new Option<string?>[]
        {
            new("--suite") { Description = "The suite, such as OCRA-1:HOTP-SHA256-8:QN08 (RFC 6287)." },
            new("--key-hex") { Description = "The key in hexadecimal digits." },
            new("--question") { Description = "The question; two are put one behind the other." },
            new("--counter") { Description = "The counter, if the suite has one." },
            new("--pin-hash-hex") { Description = "The hash of the PIN in hexadecimal digits, if the suite has one." },
            new("--session-hex") { Description = "Session information in hexadecimal digits, if the suite has it." },
            new("--time-hex") { Description = "The number of the time step in hexadecimal digits, if the suite has one." },
        }.ToDictionary(option => option.Name, StringComparer.Ordinal);

        var command = new Command("ocra", "Computes the response to a question (RFC 6287).") { pin, file };
        options.Values.ToList().ForEach(command.Options.Add);
        return command.Printing((parsed, output) =>
        {
            if (parsed.GetValue(file) is not { } path)
            {
                output.WriteLine(new OcraRequest(name => parsed.GetValue(options[Named(name)]), Named).Respond(parsed.GetValue(pin)));
            }
            else if (options.Values.Append(pin).Any(option => parsed.GetValue(option) is not null))
            {
                throw new StartException("--file stands alone: each line of the file says the rest.");
            }
            else
            {
                RespondToEach(path, output);
            }
        });
    }

    private static string Named(string property) => "--" + property.Replace('_', '-');

    private static void RespondToEach(string path, TextWriter output)
    {
        try
        {
            var utf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
            using var reader = new StreamReader(path == StandardInput ? Console.OpenStandardInput() : File.OpenRead(path), utf8);
            foreach (var request in OcraLines.Read(reader))
            {
                output.WriteLine(request.Respond());
            }
        }
        catch (Exception e) when (e is DecoderFallbackException or UnauthorizedAccessException)
        {
            throw new StartException($"--file: {e.Message}");
        }
    }
}
