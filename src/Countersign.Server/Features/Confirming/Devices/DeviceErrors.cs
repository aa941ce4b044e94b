namespace Countersign.Server.Features.Confirming.Devices;

internal static class DeviceErrors
{
    /// <summary>With the number of tries left.</summary>
    public static readonly Error WrongResponse = new("challenge.wrong", ErrorKind.Invalid);
    public static readonly Error Gone = new("device.gone", ErrorKind.Missing);
    public static readonly Error NotAddable = new("device.not_addable", ErrorKind.Missing);
    public static readonly Error TooMany = new("device.too_many", ErrorKind.Conflict);
    public static readonly Error OnlyOne = new("device.only_one", ErrorKind.Conflict);
    public static readonly Error LabelMissing = new("device.label_missing", ErrorKind.Invalid);
    public static readonly Error LabelCharacters = new("device.label_characters", ErrorKind.Invalid);
    public static readonly Error LabelTooLong = new("device.label_too_long", ErrorKind.Invalid);
    public static readonly Error TooNew = new("device.too_new", ErrorKind.Forbidden);

    /// <summary>With the hour from which it is not.</summary>
    public static readonly Error TooNewYet = new("device.too_new_yet", ErrorKind.Forbidden);
    public static readonly Error OtherSession = new("device.other_session", ErrorKind.Forbidden);
    public static readonly Error ItsOwn = new("device.its_own", ErrorKind.Forbidden);
    /// <summary>It would have to confirm that it is lost or suspended itself.</summary>
    public static readonly Error NoOther = new("device.no_other", ErrorKind.Conflict);
    public static readonly Error WaitedTooLong = new("device.waited_too_long", ErrorKind.Conflict);
}
