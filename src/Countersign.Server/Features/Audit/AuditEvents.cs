namespace Countersign.Server.Features.Audit;

/// <summary>The names of audit events: a contract with whoever reads the log. Each has a sentence in <c>AuditText</c>.</summary>
internal static class AuditEvents
{
    public const string PasswordWrong = "sign_in.password_wrong";
    public const string PasswordLocked = "sign_in.locked";
    public const string PasswordRight = "sign_in.password_right";
    public const string NoDevice = "sign_in.no_device";
    public const string SignedIn = "sign_in.done";
    public const string SignedOut = "session.signed_out";
    public const string SessionRevoked = "session.revoked";
    public const string Prompted = "challenge.prompted";
    public const string PromptRepeated = "challenge.prompt_repeated";
    public const string ResponseWrong = "challenge.response_wrong";
    public const string Failed = "challenge.failed";
    public const string Cancelled = "challenge.cancelled";
    public const string Refused = "challenge.refused";
    public const string PasswordChangeForced = "password.change_forced";
    public const string PasswordChanged = "password.changed";
    public const string DeviceEnrolled = "device.enrolled";
    public const string DeviceChangeAgreed = "device.change_agreed";
    public const string DeviceActivated = "device.activated";
    public const string DeviceRenamed = "device.renamed";
    public const string DeviceSuspended = "device.suspended";
    public const string DeviceResumed = "device.resumed";
    public const string DeviceLost = "device.lost";
    public const string DeviceRemoved = "device.removed";
    public const string Frozen = "access.frozen";
    public const string Thawed = "access.thawed";
    public const string NumberChangeAgreed = "number.change_agreed";
    public const string NumberVerified = "number.verified";
    public const string ApplicationBegun = "application.begun";
    public const string ApplicationOpened = "application.opened";
    public const string ApplicationSubmitted = "application.submitted";
    public const string EmailConfirmed = "email.confirmed";
    public const string PrefixStopped = "prefix.stopped";
    public const string PrefixLifted = "prefix.lifted";
    public const string RegisterImported = "register.imported";
    public const string OperatorEntered = "operator.entered";
    public const string UserImported = "user.imported";
    public const string TopicsChosen = "topics.chosen";
    public const string AccountPut = "account.put";
    public const string ApplicationAdded = "application.added";
    public const string ApplicationRemoved = "application.removed";
    public const string ApplicationSecretRotated = "application.secret_rotated";
    public const string KeyRotated = "keys.rotated";
    public const string KeyRetired = "keys.retired";
    public const string KeysMoved = "keys.moved";
    public const string KeyRingRotated = "keys.ring_rotated";
    public const string KeyRingRewrapped = "keys.ring_rewrapped";
    public const string DeviceUnreadable = "device.unreadable";
    public const string ChallengeUnreadable = "challenge.unreadable";
    public const string ApplicationSecretWrong = "application.secret_wrong";
}
