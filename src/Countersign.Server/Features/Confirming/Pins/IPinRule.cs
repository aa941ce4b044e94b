namespace Countersign.Server.Features.Confirming.Pins;

/// <summary>How far a rule can be checked with what is known of the person.</summary>
internal enum PinCoverage
{
    /// <summary>Nothing is known: the person has to keep to it.</summary>
    Advice,

    /// <summary>Some facts are known, and others may exist.</summary>
    Partly,

    /// <summary>All that the rule needs is known.</summary>
    Checked,
}

/// <summary>One thing that a PIN must not be (S26). Pure: reads no database and no clock.</summary>
internal interface IPinRule
{
    /// <summary>What is said when the PIN breaks the rule; its code names the rule.</summary>
    Error Refusal { get; }

    PinCoverage Covers(PinHolder holder);

    bool Refuses(Pin pin, PinHolder holder);
}
