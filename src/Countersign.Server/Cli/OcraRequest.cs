using Countersign.Protocol.Oath;

namespace Countersign.Server.Cli;

/// <summary>What a response is asked for with, by the command line or by a line of a file.</summary>
/// <param name="given">The text of a property, or null if it is not there.</param>
/// <param name="nameOf">What whoever asks calls a property.</param>
internal sealed class OcraRequest(Func<string, string?> given, Func<string, string> nameOf)
{
    /// <summary>The properties that a request may have; the first three it must have.</summary>
    public const string Suite = "suite";
    public const string Key = "key_hex";
    public const string Question = "question";
    public const string Counter = "counter";
    public const string PinHash = "pin_hash_hex";
    public const string Session = "session_hex";
    public const string TimeStep = "time_hex";

    /// <summary>All of them.</summary>
    public static readonly IReadOnlyList<string> Properties = [Suite, Key, Question, Counter, PinHash, Session, TimeStep];

    public string Respond(string? pin = null)
    {
        var suite = OcraSuite.TryParse(Required(Suite), out var read)
            ? read
            : throw new StartException($"{nameOf(Suite)} takes a suite of RFC 6287.");
        try
        {
            return Ocra.Compute(suite, OathText.Key(Required(Key), nameOf(Key)), new OcraInput
            {
                Question = Required(Question),
                Counter = given(Counter) is { } counter ? OathText.Number(counter, nameOf(Counter)) : null,
                PinHash = pin is null ? Bytes(PinHash) : HashOf(pin, suite),
                Session = Bytes(Session),
                TimeStep = given(TimeStep) is { } step ? OathText.HexadecimalNumber(step, nameOf(TimeStep)) : null,
            });
        }
        catch (ArgumentException e)
        {
            throw new StartException($"{nameOf(PropertyOf(e.ParamName))}: {e.Message}");
        }
    }

    private static string PropertyOf(string? input) => input switch
    {
        nameof(OcraInput.Counter) => Counter,
        nameof(OcraInput.PinHash) or "pin" => PinHash,
        nameof(OcraInput.Session) => Session,
        nameof(OcraInput.TimeStep) => TimeStep,
        _ => Question,
    };

    private string Required(string property) => given(property) ?? throw new StartException($"{nameOf(property)} is missing.");

    private byte[] Bytes(string property) => given(property) is { } text ? OathText.Bytes(text, nameOf(property)) : [];

    private byte[] HashOf(string pin, OcraSuite suite)
    {
        if (given(PinHash) is not null)
        {
            throw new StartException($"Either --pin or {nameOf(PinHash)} is given.");
        }

        return suite.PinHash is { } hash ? OcraPin.Hash(hash, pin) : throw new StartException("--pin: The suite has no such input.");
    }
}
