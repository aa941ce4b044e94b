namespace Countersign.Server.Features.Kinds.CodeCards;

internal static class CodeCardErrors
{
    public static readonly Error SixCharacters = new("code_card.six_characters", ErrorKind.Invalid);
    public static readonly Error UsedUp = new("code_card.used_up", ErrorKind.Conflict);
    public static readonly Error NotMoved = new("code_card.not_moved", ErrorKind.Conflict);

    /// <summary>Unknown, somebody else's or retired: the three are not told apart.</summary>
    public static readonly Error NoSuchCard = new("code_card.no_such_card", ErrorKind.Invalid);
    public static readonly Error Yours = new("code_card.yours", ErrorKind.Invalid);
    public static readonly Error Ended = new("code_card.ended", ErrorKind.Conflict);
    public static readonly Error TooManySerials = new("code_card.too_many_serials", ErrorKind.Throttled);
}
