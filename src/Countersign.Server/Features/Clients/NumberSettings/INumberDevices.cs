using Countersign.Server.Data;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.Registry.PhoneNumbers;

namespace Countersign.Server.Features.Clients.NumberSettings;

/// <summary>The devices that stand for numbers. Said by the kind that sends codes to them; every call is part of a unit of work.</summary>
internal interface INumberDevices
{
    /// <summary>The device that answers for a number which is not verified yet: it waits, and is no second factor.</summary>
    Task<Guid> WaitingAsync(CountersignDbContext db, PhoneNumber number, CancellationToken ct);

    /// <summary>A device has agreed to a number that is to be verified: until the number's own device is trusted it moves no more money than that one might (D2).</summary>
    Task AgreedAsync(CountersignDbContext db, PhoneNumber number, DeviceView by, CancellationToken ct);

    /// <summary>Verified numbers to which codes may go, the preferred one first: not those whose device was reported as lost, or rests.</summary>
    Task<IReadOnlyList<PhoneNumber>> AnsweringAsync(CountersignDbContext db, Guid userId, CancellationToken ct);

    /// <summary>Whether codes could go to this number and to no other one.</summary>
    Task<bool> IsLastAsync(CountersignDbContext db, Guid userId, Guid numberId, CancellationToken ct);

    /// <summary>Why codes may not go to a number: its device was reported as lost, or rests. Null when they may.</summary>
    Task<Error?> RefusesAsync(CountersignDbContext db, PhoneNumber number, CancellationToken ct);

    /// <summary>Codes go to this number from now on, if they go to a number at all and may go to this one.</summary>
    /// <param name="by">The device that agrees to it now; null where one agreed to the number before.</param>
    Task MoveAsync(CountersignDbContext db, PhoneNumber number, DeviceView? by, CancellationToken ct);

    /// <summary>Nothing goes to this number any more.</summary>
    Task EndAsync(CountersignDbContext db, Guid userId, Guid numberId, CancellationToken ct);

    /// <summary>Has the user looked at who may have no device left.</summary>
    Task LookAgainAsync(CountersignDbContext db, Guid userId, CancellationToken ct);
}
