using System.Text.Json;
using Countersign.Server.Data;
using Countersign.Server.Data.Protection;
using Countersign.Server.Features.Challenges;
using Countersign.Server.Features.Devices.TextMessages;
using Countersign.Server.Features.SignIn;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Countersign.Bench.Scenarios;

/// <summary>What the users have in their hands: the code on the phone, and the browser that they have signed in with before.</summary>
internal sealed class Phones(Target target)
{
    private readonly Contexts _contexts = target.Services.GetRequiredService<Contexts>();
    private readonly RowProtection _protection = target.Services.GetRequiredService<RowProtection>();
    private readonly KnownBrowsers _browsers = target.Services.GetRequiredService<KnownBrowsers>();

    /// <summary>The code of a challenge, opened by key where the message that carries it would have to be searched for.</summary>
    public async Task<string> CodeAsync(ChallengeHandle handle)
    {
        await using var db = _contexts.Read();
        var prompts = await db.Set<Challenge>().Where(c => c.UserId == handle.UserId && c.Id == handle.Id).Select(c => c.Prompts).SingleAsync();
        var states = _protection.Unprotect(Challenge.PromptsColumn, handle.UserId, handle.Id, prompts!, ChallengesJson.Default.DictionaryGuidByteArray);
        var prompt = JsonSerializer.Deserialize(states.Values.Single(), CodePromptJson.Default.CodePrompt)!;
        return prompt.Code ?? throw new InvalidOperationException("No code was sent: the user had one less than two minutes ago.");
    }

    /// <summary>The cookie of a browser that the user has signed in with.</summary>
    public string KnownBrowser(BenchUser user)
    {
        var http = new DefaultHttpContext { RequestServices = target.Services };
        _browsers.Remember(http, user.Id);
        var cookie = http.Response.Headers.SetCookie.ToString();
        return cookie[(cookie.IndexOf('=', StringComparison.Ordinal) + 1)..cookie.IndexOf(';', StringComparison.Ordinal)];
    }
}
