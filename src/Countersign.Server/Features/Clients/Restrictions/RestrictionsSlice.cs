using System.ComponentModel;
using System.Globalization;
using System.Text.Json.Serialization;
using Countersign.Server.Data;
using Countersign.Server.Features.Programs.Api;
using Countersign.Server.Features.Programs.Applications;
using Countersign.Server.Features.Registry.Accounts;
using Countersign.Server.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Features.Clients.Restrictions;

/// <summary>What clients may not do now, for the platforms that refuse it.</summary>
internal static class RestrictionsSlice
{
    /// <summary>A text in the languages of the product.</summary>
    public sealed record Texts(
        [property: JsonPropertyName("en")] string English, [property: JsonPropertyName(
            "zh-Hant")] string Traditional, [property: JsonPropertyName("zh-Hans")] string Simplified);

    /// <summary>What is restricted, for whom, since when, what the platform is to refuse, and what to tell the client.</summary>
    public sealed record RestrictionAnswer(string Code, string User, DateTimeOffset Since, IReadOnlyList<string> Forbids, Texts Text);

    public static IServiceCollection AddRestrictions(this IServiceCollection services)
    {
        services.AddOptions<MobileNotVerifiedOptions>().BindConfiguration(MobileNotVerifiedOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<MobileNotVerifiedOptions>, MobileNotVerifiedOptionsValidator>();
        return services.AddSingleton<IRestrictionRule, MobileNotVerified>();
    }

    public static void MapRestrictions(this IEndpointRouteBuilder group) =>
        group.MapGet("/accounts/{id}/restrictions", ReadAsync)
            .RequireScope(ApiScopes.RestrictionsRead)
            .WithName("readRestrictions")
            .WithTags("Restrictions")
                .WithSummary("What the account's users may not do at this moment")
                .WithDescription(
                    "Derived on each call: a restriction is lifted in the very moment in which its reason goes away. "
                        + "Ask when it matters rather than remember the answer.")
                .Refuses(AccountErrors.Unknown)
                .WithExamples(
                    request: null,
                    """
                    [{"code": "mobile_not_verified", "user": "noor.haddad",
                       "since": "2026-11-24T09:00:00+00:00", "forbids": ["orders.open"],
                      "text": {"en": "The mobile number is not verified yet. Trading begins as soon as it is.",
                            "zh-Hant": "手機號碼尚未驗證。驗證完成後即可交易。",
                            "zh-Hans": "手机号码尚未验证。验证完成后即可交易。"}}]
                    """);

    private static async Task<Results<Ok<IReadOnlyList<RestrictionAnswer>>, ApiRefusal>> ReadAsync(
        [Description("The broker's own number of the account.")] string id, HttpContext http, CountersignDbContext db,
        IEnumerable<IRestrictionRule> rules, CancellationToken ct)
    {
        if (await AccountLookup.FindAsync(db, http.Application(), id, ct) is not { } account)
        {
            return new ApiRefusal(AccountErrors.Unknown);
        }

        var found = new List<RestrictionAnswer>();
        foreach (var rule in rules)
        {
            found.AddRange((await rule.OfAsync(db, account.Id, ct)).Select(
                r => new RestrictionAnswer(r.Code, r.User, r.Since, r.Forbids, InAll(r.Code))));
        }

        return TypedResults.Ok<IReadOnlyList<RestrictionAnswer>>(found);
    }

    private static Texts InAll(string code) => new(Say(code, "en"), Say(code, "zh-Hant"), Say(code, "zh-Hans"));

    private static string Say(string code, string language) => TextOf<RestrictionText>.In(CultureInfo.GetCultureInfo(language), code);
}
