using Countersign.Server.Features.Confirming.Challenges;

namespace Countersign.Bench.Scenarios;

/// <summary>What a person does to get in, step by step.</summary>
internal static class SignInSteps
{
    /// <summary>The page, and the password typed into it.</summary>
    /// <returns>The page of the challenge.</returns>
    public static async Task<string> TypePasswordAsync(BenchClient client, BenchUser user)
    {
        var page = await client.GetAsync("/sign-in");
        return await client.PostAsync(
            "/sign-in", $"username={user.Name}&password={Population.Password}&form-token={BenchClient.TokenOf(page)}");
    }

    /// <summary>Which challenge a page is of.</summary>
    public static ChallengeHandle HandleOf(string page) =>
        page.StartsWith("/sign-in/", StringComparison.Ordinal) && ChallengeHandle.TryParse(page["/sign-in/".Length..], null, out var handle)
            ? handle
            : throw new InvalidOperationException($"A right password led to {page}.");

    /// <summary>The page with the field for the code.</summary>
    /// <returns>The token of its form.</returns>
    public static async Task<string> ToFieldAsync(BenchClient client, string page) => BenchClient.TokenOf(await client.GetAsync(page));

    /// <returns>Where the answer leads: home if it was right.</returns>
    public static Task<string> AnswerAsync(BenchClient client, string page, string token, string answer) =>
        client.PostAsync(page + "?handler=answer", $"prompt=1&code={answer}&form-token={token}");
}
