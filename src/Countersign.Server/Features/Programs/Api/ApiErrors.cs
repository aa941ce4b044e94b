namespace Countersign.Server.Features.Programs.Api;

/// <summary>Refusals that every endpoint of the API may give.</summary>
internal static class ApiErrors
{
    public static readonly Error Malformed = new("api.malformed", ErrorKind.Invalid);
    public static readonly Error TokenInvalid = new("api.token_invalid", ErrorKind.Forbidden);
    public static readonly Error ScopeMissing = new("api.scope_missing", ErrorKind.Forbidden);
    public static readonly Error NoSuchAddress = new("api.no_such_address", ErrorKind.Missing);
    public static readonly Error NoSuchMethod = new("api.no_such_method", ErrorKind.Missing);
    public static readonly Error TooLarge = new("api.too_large", ErrorKind.Invalid);
    public static readonly Error NotJson = new("api.not_json", ErrorKind.Invalid);
    public static readonly Error Invalid = new("api.invalid", ErrorKind.Invalid);
    public static readonly Error TooMany = new("api.too_many", ErrorKind.Throttled);
    /// <summary>What is stored of the thing asked for does not open.</summary>
    public static readonly Error Unreadable = new("api.unreadable", ErrorKind.Conflict);
    public static readonly Error Unavailable = new("api.unavailable", ErrorKind.Overloaded);
    public static readonly Error Failed = new("api.failed", ErrorKind.Overloaded);

    /// <summary>What a bare status means.</summary>
    public static Error Of(int status) => status switch
    {
        StatusCodes.Status401Unauthorized => TokenInvalid,
        StatusCodes.Status403Forbidden => ScopeMissing,
        StatusCodes.Status404NotFound => NoSuchAddress,
        StatusCodes.Status405MethodNotAllowed => NoSuchMethod,
        StatusCodes.Status409Conflict => Unreadable,
        StatusCodes.Status413PayloadTooLarge => TooLarge,
        StatusCodes.Status415UnsupportedMediaType => NotJson,
        StatusCodes.Status429TooManyRequests => TooMany,
        StatusCodes.Status503ServiceUnavailable => Unavailable,
        >= 500 => Failed,
        _ => Malformed,
    };
}
