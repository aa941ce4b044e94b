using Countersign.Server.Features.Confirming.Pins.Lists;

namespace Countersign.Server.Features.Confirming.Pins.Rules;

/// <summary>
/// No sports team: none of the list that ships and not the person's own, as letters, with or without digits, or whole on the keys
/// of a phone.
/// </summary>
internal sealed class TeamRule : IPinRule
{
    private const int ShortestWord = 3;

    public Error Refusal => PinErrors.Team;

    public PinCoverage Covers(PinHolder holder) =>
        holder.Details.Teams.Count > 0 && holder.Details.Teams.All(t => Spelling.Words(t).Any()) ? PinCoverage.Checked : PinCoverage.Partly;

    public bool Refuses(Pin pin, PinHolder holder) =>
        PinLists.Teams.HasLettersOf(pin) || PinLists.Teams.IsOnKeys(pin) || holder.Details.Teams.Any(team => IsIn(pin, team));

    private static bool IsIn(Pin pin, string team) => Spelling.Words(team).Append(Spelling.Joined(team)).Any(
        word => word.Length >= ShortestWord && (pin.Holds(word) || pin.Spells(word)));
}
