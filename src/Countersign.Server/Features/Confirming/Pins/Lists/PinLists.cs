namespace Countersign.Server.Features.Confirming.Pins.Lists;

/// <summary>The lists that ship; <c>docs/pin-lists.md</c> says where they come from.</summary>
internal static class PinLists
{
    public static WordList Cities { get; } = WordList.Load("cities.txt");

    public static WordList Teams { get; } = WordList.Load("teams.txt");

    public static WordList Names { get; } = WordList.Load("names.txt");

    public static WordList Common { get; } = WordList.Load("common-pins.txt");
}
