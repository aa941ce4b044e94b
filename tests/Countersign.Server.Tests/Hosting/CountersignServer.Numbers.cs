using System.Globalization;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Features.Messaging.Shield;
using Countersign.Server.Features.Pages.Operators;
using Countersign.Server.Features.Registry.Accounts;
using Countersign.Server.Features.Registry.PhoneNumbers;
using Countersign.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Countersign.Server.Tests.Hosting;

/// <content>Numbers and accounts of test users.</content>
public abstract partial class CountersignServer
{
    private static int _mobiles;

    /// <summary>A number in Hong Kong that nobody has yet.</summary>
    public static string NewMobile()
    {
        var mobile = string.Create(CultureInfo.InvariantCulture, $"+8526{Interlocked.Increment(ref _mobiles) + 1_000_000:D7}");
        TestSecrets.Note(mobile);
        return mobile;
    }

    /// <summary>The newest code that came to a number, once there are at least <paramref name="count"/>.</summary>
    public async Task<string> CodeToAsync(string mobile, int count = 1) =>
        TestGateway.SixDigits().Match((await _sms.WaitAsync(mobile, count, IsCode))[^1]).Value;

    /// <summary>The code of the first message with one that comes after the first <paramref name="had"/> messages.</summary>
    public async Task<string> NextCodeToAsync(string mobile, int had)
    {
        await Waiting.UntilAsync(() => Task.FromResult(_sms.To(mobile).Skip(had).Any(m => IsCode(m.Text))), Ceiling);
        return TestGateway.SixDigits().Match(_sms.To(mobile).Skip(had).First(m => IsCode(m.Text)).Text).Value;
    }

    /// <summary>The newest code that came to an e-mail address, once there are at least <paramref name="count"/>.</summary>
    public async Task<string> EmailCodeAsync(string address, int count = 1) =>
        TestGateway.SixDigits().Match((await _email.WaitAsync(address, count, IsCode))[^1]).Value;

    /// <summary>Somebody who applies for an account. Dispose it.</summary>
    public Applicant Applicant(string? source = null, string language = "en") => new(this, Browser(source, language));

    /// <summary>Waits for an SMS to a number with these words.</summary>
    public async Task<string> SmsToAsync(string mobile, string words) =>
        (await _sms.WaitAsync(mobile, 1, t => t.Contains(words, StringComparison.Ordinal)))[^1];

    /// <summary>The job that looks whether codes come back, run once here.</summary>
    internal Task<int> WatchAsync() => App.Services.GetRequiredService<ShieldWatch>().RunOnceAsync(CancellationToken.None);

    /// <summary>A code for the operators' pages, as the command line makes it.</summary>
    internal string OperatorCode(string name) => App.Services.GetRequiredService<OperatorCodes>().Make(name);

    /// <summary>Puts a do-not-call register in place.</summary>
    internal Task<RegisterImport> ImportDoNotCallAsync(string lines) =>
        App.Services.GetRequiredService<ImportDoNotCall>()
            .RunAsync(new StringReader(lines), "ndnc", "HK", Actor.Import("ndnc.txt"), CancellationToken.None);

    /// <summary>A number that came with an import and that nobody has verified.</summary>
    internal Task AddNumberAsync(TestUser user, string mobile) => AddNumberAsync(user, mobile, verified: false);

    /// <summary>A verified number beside those there are.</summary>
    internal Task AddVerifiedNumberAsync(TestUser user, string mobile) => AddNumberAsync(user, mobile, verified: true);

    /// <summary>Gives the user an account that holds money.</summary>
    /// <param name="since">When it was first known to; null: that is not known.</param>
    internal Task FundAsync(TestUser user, DateTimeOffset? since = null) => WriteAsync((db, _) =>
    {
        var now = Clock.GetUtcNow();
        var account = new Account
        {
            Id = Guid.CreateVersion7(now),
            Number = "U" + user.Name,
            Jurisdiction = "HK",
            TimeZone = "Asia/Hong_Kong",
            Equity = 1_000m,
            EquityCurrency = "USD",
            EquityAsOf = DateOnly.FromDateTime(now.UtcDateTime),
            FundedAt = since,
        };
        db.Add(account);
        db.Add(new AccountUser { AccountId = account.Id, UserId = user.Id });
        return Task.FromResult(true);
    });

    /// <summary>Signs out, and in again with a browser of its own, by a code to the user's number.</summary>
    public async Task SignOutAndInAsync(TestBrowser browser, TestUser user)
    {
        await SignOutAsync(browser, await browser.GetAsync("/"));
        using var fresh = Browser();
        var had = Codes(user).Count;
        var page = await TypePasswordAsync(fresh, user.Name, user.Password);
        page = await TypeCodeAsync(fresh, page, await CodeAsync(user, had + 1));
        Assert.Equal("/", page.Path);
    }

    private Task AddNumberAsync(TestUser user, string mobile, bool verified) => WriteAsync((db, _) =>
    {
        var now = Clock.GetUtcNow();
        db.Add(new PhoneNumber
        {
            UserId = user.Id,
            Id = Guid.CreateVersion7(now),
            E164 = mobile,
            AddedAt = now,
            VerifiedAt = verified ? now : null,
        });
        return Task.FromResult(true);
    });
}
