namespace Countersign.Server.Features.Confirming.Challenges;

/// <summary>Until when a button has to wait: what the part <c>_Wait</c> counts down.</summary>
/// <param name="Button">Id of the button.</param>
/// <param name="Sends">Whether its form is sent by itself then.</param>
/// <param name="Done">What is said when the wait is over.</param>
internal sealed record Wait(string Label, DateTimeOffset Until, DateTimeOffset Now, string Button, string Done, bool Sends = false);
