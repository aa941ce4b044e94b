namespace Countersign.Server.Features.Kinds.Passkeys;

internal static class PasskeyErrors
{
    public static readonly Error Malformed = new("passkey.malformed", ErrorKind.Invalid);
    public static readonly Error Wrong = new("passkey.wrong", ErrorKind.Invalid);

    /// <summary>
    /// The authenticator did not check who holds it: that is one factor, and this kind is for two (NIST SP 800-63B appendix B).
    /// </summary>
    public static readonly Error NotVerified = new("passkey.not_verified", ErrorKind.Conflict);
    public static readonly Error Known = new("passkey.known", ErrorKind.Conflict);

    /// <summary>A passkey belongs to a host name; the installation has only an IP address.</summary>
    public static readonly Error NoHostName = new("passkey.no_host_name", ErrorKind.Conflict);

    /// <summary>Unknown passkey, switched off, frozen, wrong signature: one answer.</summary>
    public static readonly Error NotAlone = new("passkey.not_alone", ErrorKind.Invalid);
    public static readonly Error TooMany = new("passkey.too_many", ErrorKind.Throttled);
}
