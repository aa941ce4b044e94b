using System.ComponentModel;
using System.Globalization;
using System.Text.Json.Serialization;
using Countersign.Server.Data;
using Countersign.Server.Features.Access.Passwords;
using Countersign.Server.Features.Clients.Records.Import;
using Countersign.Server.Features.Programs.Api;
using Countersign.Server.Features.Programs.Applications;
using Countersign.Server.Features.Registry.Accounts;
using Countersign.Server.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Features.Clients.Records;

/// <summary>Accounts and their people, as applications and files keep them up to date.</summary>
internal static class RecordsSlice
{
    /// <summary>The account as it stands now. The equity is the one on record: an older one that was sent is left aside.</summary>
    public sealed record AccountAnswer(
        string Id, string Jurisdiction, [property: JsonPropertyName("time_zone")] string TimeZone, AccountBody.EquityPart Equity);

    public static IServiceCollection AddRecords(this IServiceCollection services)
    {
        services.AddSingleton(s =>
        {
            var passwords = s.GetRequiredService<IOptions<PasswordOptions>>().Value;
            return new ImportParser(
                new PasswordPolicy(passwords.MinimumLength, passwords.MaximumLength),
                s.GetRequiredService<PasswordBlocklist>(),
                s.GetRequiredService<IOptions<SiteOptions>>().Value.Name,
                s.GetRequiredService<TimeProvider>());
        });
        services.AddOptions<ImportOptions>().BindConfiguration(ImportOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<ImportOptions>, ImportOptionsValidator>();
        services.AddSingleton<ImportCosts>();
        services.AddSingleton<FactsWriter>();
        services.AddSingleton<ImportUsers>();
        return services.AddSingleton<PutAccount>();
    }

    public static void MapAccounts(this IEndpointRouteBuilder group) =>
        group.MapPut("/accounts/{id}", PutAsync).RequireScope(ApiScopes.AccountsWrite).WithName("putAccount").WithTags("Accounts")
            .WithSummary("Create an account, or bring it up to date")
            .WithDescription(
                "Holders and users that are named are added or brought up to date; nobody is taken away. A new user has no password. "
                + "A user's `role` changes where it is given; a new user without one is an owner. "
                + "An equity whose `as_of` is older than the one on record is left aside: the answer says which stands.")
            .Refuses(AccountErrors.Unknown, AccountErrors.CountryForbidden, AccountErrors.UserOfAnother with
            {
                Arguments = ["mei.chan"],
            }, AccountErrors.PersonUnreadable with { Arguments = ["P-1001"] })
            .WithExamples(
                """
                {"jurisdiction": "HK", "time_zone": "Asia/Hong_Kong",
                 "equity": {"amount": "1850000.00", "currency": "USD", "as_of": "2026-11-24"},
                 "holders": [{"person": "P-1001", "name": "Mei Chan", "residence": "HK"}],
                 "users": [{"name": "mei.chan", "person": "P-1001", "email": "mei.chan@mail.example", "language": "zh-Hant",
                            "role": "owner"}]}
                """,
                """
                {"id": "U100001", "jurisdiction": "HK", "time_zone": "Asia/Hong_Kong",
                 "equity": {"amount": "1850000", "currency": "USD", "as_of": "2026-11-24"}}
                """);

    private static async Task<Results<Ok<AccountAnswer>, Created<AccountAnswer>, ApiRefusal>> PutAsync(
        [Description("The broker's own number of the account: letters, digits, - and ., at most 32.")]
        string id, AccountBody.Request body,
        HttpContext http, PutAccount put, ImportParser parser, CountersignDbContext db, CancellationToken ct)
    {
        var (stated, faults) = AccountBody.Read(id, body, parser);
        if (faults.Count > 0)
        {
            return ApiRefusal.Of(faults);
        }

        var result = await put.RunAsync(http.Application(), stated, ClientSource.Of(http), ct);
        if (!result.Succeeded)
        {
            return new ApiRefusal(result.Error);
        }

        var number = stated.Account.Number;
        var answer = await ReadAsync(db, number, ct);
        return result.Value
            ? TypedResults.Created($"{ApiSlice.Root}/accounts/{Uri.EscapeDataString(number)}", answer)
            : TypedResults.Ok(answer);
    }

    private static async Task<AccountAnswer> ReadAsync(CountersignDbContext db, string number, CancellationToken ct)
    {
        var account = await db.Set<Account>().SingleAsync(a => a.Number == number, ct);
        return new AccountAnswer(
            account.Number, account.Jurisdiction, account.TimeZone,
            new AccountBody.EquityPart(
                account.Equity.ToString("0.####", CultureInfo.InvariantCulture),
                account.EquityCurrency,
                account.EquityAsOf.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)));
    }
}
