using Countersign.Server.Features.Programs.Api;
using Countersign.Server.Features.Programs.Applications;
using Countersign.Server.Features.Registry.Accounts;
using Countersign.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Countersign.Server.Tests.Hosting;

/// <content>Applications, and the accounts that they ask about.</content>
public abstract partial class CountersignServer
{
    /// <summary>A registered application; all scopes unless told.</summary>
    internal async Task<Credentials> ApplicationAsync(string[]? scopes = null, string[]? countries = null)
    {
        var made = await App.Services.GetRequiredService<RegisterApplications>().AddAsync(
            "Test platform", scopes ?? [.. ApiScopes.All], countries ?? [], CancellationToken.None);
        TestSecrets.Note(made.Secret);
        return made;
    }

    internal async Task<string> RotateSecretAsync(Credentials application, TimeSpan grace)
    {
        var secret = (await App.Services.GetRequiredService<RegisterApplications>().RotateAsync(
            application.ClientId, grace, CancellationToken.None))!;
        TestSecrets.Note(secret);
        return secret;
    }

    internal Task<bool> RemoveApplicationAsync(Credentials application) =>
        App.Services.GetRequiredService<RegisterApplications>().RemoveAsync(application.ClientId, CancellationToken.None);

    /// <summary>A client of the API without a token.</summary>
    public ApiClient Api(string? source = null) => new(Address, source);

    /// <summary>A client of the API with a token of a fresh application.</summary>
    public async Task<ApiClient> SignedInApiAsync(string[]? scopes = null, string[]? countries = null)
    {
        var application = await ApplicationAsync(scopes, countries);
        var api = Api();
        api.Use(await TokenAsync(api, application));
        return api;
    }

    /// <summary>A token for all that the application may.</summary>
    internal static async Task<string> TokenAsync(ApiClient api, Credentials application)
    {
        var answer = await api.TokenAsync(application.ClientId, application.Secret);
        var token = answer.Body.GetProperty("access_token").GetString()!;
        TestSecrets.Note(token);
        return token;
    }

    /// <summary>An account that the users act for; yields its number.</summary>
    public async Task<string> AccountAsync(string jurisdiction, params TestUser[] users)
    {
        var now = Clock.GetUtcNow();
        var id = Guid.CreateVersion7(now);
        var number = "U" + id.ToString("N")[^12..];
        await WriteAsync((db, _) =>
        {
            db.Add(new Account
            {
                Id = id,
                Number = number,
                Jurisdiction = jurisdiction,
                TimeZone = "Asia/Hong_Kong",
                Equity = 100m,
                EquityCurrency = "USD",
                EquityAsOf = DateOnly.FromDateTime(now.UtcDateTime),
            });
            foreach (var user in users)
            {
                db.Add(new AccountUser { AccountId = id, UserId = user.Id });
            }

            return Task.FromResult(true);
        });
        return number;
    }

    /// <summary>Lets a user act for an account.</summary>
    internal Task LinkAsync(string account, TestUser user) => WriteAsync(async (db, ct) =>
    {
        var id = await db.Set<Account>().Where(a => a.Number == account).Select(a => a.Id).SingleAsync(ct);
        return db.Add(new AccountUser { AccountId = id, UserId = user.Id }).State;
    });
}
