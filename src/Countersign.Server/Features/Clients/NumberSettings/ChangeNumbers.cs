using System.Globalization;
using Countersign.Server.Data;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.Kinds.TextMessages;
using Countersign.Server.Features.Registry.PhoneNumbers;
using Countersign.Server.Features.Registry.Users;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Server.Features.Clients.NumberSettings;

/// <summary>What follows a request of the settings page.</summary>
/// <param name="Verifies">Whether the number is verified at once; otherwise a device agrees first.</param>
internal sealed record NumberStep(ChallengeHandle Challenge, bool Verifies);

/// <summary>
/// Asks for a device to agree to a change of numbers, and for a number to show that it is in the person's hands. Nothing changes
/// before they have answered.
/// </summary>
internal sealed class ChangeNumbers(
    IWriter writer, NumberRules rules, ChallengeOpening opening, NumberChangePurpose changes, NumberVerificationPurpose verifications,
    NumberDevices devices)
{
    public Task<Result<NumberStep>> AddAsync(
        UserView user, Opener opener, string? typed, string? country, CultureInfo language, CancellationToken ct) =>
        WithNumberAsync(user, opener, NumberChange.Add, numberId: null, typed, country, language, ct);

    public Task<Result<NumberStep>> ReplaceAsync(
        UserView user, Opener opener, Guid numberId, string? typed, string? country, CultureInfo language, CancellationToken ct) =>
        WithNumberAsync(user, opener, NumberChange.Replace, numberId, typed, country, language, ct);

    public Task<Result<NumberStep>> PreferAsync(
        UserView user, Opener opener, Guid numberId, CultureInfo language, CancellationToken ct) => writer.RunAsync<Result<NumberStep>>(
        async (db, token) =>
        {
            var number = await db.NumbersOf(user.Id).SingleOrDefaultAsync(n => n.Id == numberId, token);
            return number is null ? NumberErrors.Gone
                : number.VerifiedAt is null ? NumberErrors.NotVerified
                : await NumberDevices.RefusesAsync(db, number, token) is { } refusal ? refusal
                : await BeginAsync(db, user, opener, NumberChange.Prefer, number.Id, number.E164, language, token);
        },
        ct);

    /// <summary>The last verified number cannot go while codes could go to it.</summary>
    public Task<Result<NumberStep>> RemoveAsync(
        UserView user, Opener opener, Guid numberId, CultureInfo language, CancellationToken ct) => writer.RunAsync<Result<NumberStep>>(
        async (db, token) =>
        {
            var number = await db.NumbersOf(user.Id).SingleOrDefaultAsync(n => n.Id == numberId, token);
            if (number is null)
            {
                return NumberErrors.Gone;
            }

            return await NumberDevices.IsLastAsync(db, user.Id, numberId, token)
                ? NumberErrors.OnlyOne
                : await BeginAsync(db, user, opener, NumberChange.Remove, number.Id, number.E164, language, token);
        },
        ct);

    /// <summary>Sends the code to a number that a device has agreed to; asks for a device first where none has.</summary>
    public Task<Result<NumberStep>> VerifyAsync(
        UserView user, Opener opener, Guid numberId, CultureInfo language, CancellationToken ct) => writer.RunAsync<Result<NumberStep>>(
        async (db, token) =>
        {
            var number = await db.NumbersOf(user.Id).SingleOrDefaultAsync(n => n.Id == numberId, token);
            if (number is null)
            {
                return NumberErrors.Gone;
            }

            if (number.VerifiedAt is not null)
            {
                return NumberErrors.AlreadyVerified;
            }

            return await NumberDevices.RefusesAsync(db, number, token) is { } refusal ? refusal
                : number.AgreedAt is null
                ? await BeginAsync(db, user, opener, NumberChange.Verify, number.Id, number.E164, language, token)
                : await BeginVerificationAsync(db, user, opener, number, language, token);
        },
        ct);

    /// <summary>Sends the code, in a unit of work. The number has been agreed to.</summary>
    public async Task<Result<NumberStep>> BeginVerificationAsync(
        CountersignDbContext db, UserView user, Opener opener, PhoneNumber number, CultureInfo language, CancellationToken ct)
    {
        var credential = await devices.CredentialAsync(db, number, ct);
        var request = verifications.For(user, new NumberVerificationSubject(number.Id, number.E164), language, opener);
        var begun = await opening.BeginOnAsync(db, request, new AskedOf(credential.Key, DeviceId: null), had: null, ct);
        return begun.Succeeded ? new NumberStep(begun.Value, Verifies: true) : begun.Error;
    }

    private async Task<Result<NumberStep>> WithNumberAsync(
        UserView user, Opener opener, NumberChange change, Guid? numberId, string? typed, string? country, CultureInfo language,
        CancellationToken ct)
    {
        var read = rules.Read(typed, country);
        if (!read.Succeeded)
        {
            return read.Error;
        }

        var e164 = read.Value.E164;
        return await writer.RunAsync<Result<NumberStep>>(
            async (db, token) =>
            {
                if (change == NumberChange.Replace && !await db.NumbersOf(user.Id).AnyAsync(n => n.Id == numberId, token))
                {
                    return NumberErrors.Gone;
                }

                return await rules.RefusesAsync(db, user.Id, e164, token) is { } refusal
                    ? refusal
                    : await BeginAsync(db, user, opener, change, numberId, e164, language, token);
            },
            ct);
    }

    private async Task<Result<NumberStep>> BeginAsync(
        CountersignDbContext db, UserView user, Opener opener, NumberChange change, Guid? numberId, string e164, CultureInfo language,
        CancellationToken ct)
    {
        var begun = await opening.BeginAsync(db, changes.For(user, new NumberChangeSubject(change, numberId, e164), language, opener), ct);
        return begun.Succeeded ? new NumberStep(begun.Value, Verifies: false) : begun.Error;
    }
}
