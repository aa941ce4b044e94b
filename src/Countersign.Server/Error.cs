using System.Diagnostics.CodeAnalysis;

namespace Countersign.Server;

/// <summary>What sort of refusal this is, in the domain's words; <c>Http</c> turns it into a status.</summary>
internal enum ErrorKind
{
    Invalid,
    Missing,
    Forbidden,
    Conflict,
    Throttled,
    Overloaded,
}

/// <summary>An expected refusal. The code is a public contract; the text is looked up by it, with <paramref name="Arguments"/>.</summary>
internal sealed record Error(string Code, ErrorKind Kind, params object[] Arguments)
{
    /// <summary>When it is worth trying again, if that is known.</summary>
    public TimeSpan? RetryAfter { get; init; }
}

/// <summary>A value or the reason why there is none. A class, because a default struct would claim success.</summary>
internal sealed class Result<T>
{
    private Result(T? value, Error? error)
    {
        Value = value;
        Error = error;
    }

    public T? Value { get; }

    public Error? Error { get; }

    [MemberNotNullWhen(true, nameof(Value))]
    [MemberNotNullWhen(false, nameof(Error))]
    public bool Succeeded => Error is null;

#pragma warning disable CA2225 // The two conversions are the constructors; a named twin would say nothing more.
    public static implicit operator Result<T>(T value) => new(value, null);

    public static implicit operator Result<T>(Error error) => new(default, error);
#pragma warning restore CA2225
}

/// <summary>The value of what is done, where nothing else comes of it.</summary>
internal sealed class Done
{
    public static readonly Done Now = new();

    private Done()
    {
    }
}
