using Countersign.Server.Features.Confirming.Pins;
using Countersign.Server.Features.Registry.People;

namespace Countersign.Server.Tests.Features.Confirming.Pins;

/// <summary>Whose PINs the tests judge.</summary>
internal static class Holders
{
    public static readonly PinPolicy Phone = new(4, 6, Letters: true);

    /// <summary>All is known of this one.</summary>
    public static readonly PinHolder Known = new(
        "CHAN Tai Man 陳大文",
        new HolderDetails(
            new DateOnly(1985, 7, 19),
            ["Flat 47A, 2163 Shanghai Plaza"],
            [new("Wong Mei Ling", new DateOnly(1986, 11, 2)), new("Zoë Trümpy", new DateOnly(2012, 3, 9)), new("陳小明", null)],
            new HolderAddress("Queen's Road Central", "128B", "SW1A 2PN", "Kwun Tong"),
            new HolderAddress("Plantation Street", "4071", "998057", "Ulverston"),
            ["Dominic Chan", "Billy"],
            ["H680352(4)", "K20497316"],
            ["Kitchee", "Real Oxnardo"]),
        ["+85260417358"]);

    /// <summary>The codes of what is wrong with a PIN, without the slice.</summary>
    public static IReadOnlyList<string> Faults(
        string? typed,
        PinHolder holder,
        PinPolicy? policy = null) => new PinRules(PinRules.House).Judge(typed, policy ?? Phone, holder) switch
        {
            PinJudgement.Accepted => [],
            PinJudgement.Refused refused => Codes(refused.Errors),
            PinJudgement.Malformed malformed => Codes(malformed.Errors),
            _ => throw new System.Diagnostics.UnreachableException(),
        };

    private static string[] Codes(IReadOnlyList<Error> errors) => [.. errors.Select(e => e.Code["pin.".Length..])];
}
