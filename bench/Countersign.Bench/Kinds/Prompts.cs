using Countersign.Server.Data;
using Countersign.Server.Data.Protection;
using Countersign.Server.Features.Confirming.Challenges;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Bench.Kinds;

/// <summary>What was asked on a device, read where its owner would see it on a phone or a page.</summary>
internal sealed class Prompts(Contexts contexts, RowProtection protection)
{
    /// <summary>The only prompt of a challenge, as its kind wrote it.</summary>
    public async Task<byte[]> OfAsync(ChallengeHandle handle)
    {
        await using var db = contexts.Read();
        var closed = await db.Set<Challenge>().Where(c => c.UserId == handle.UserId && c.Id == handle.Id).Select(c => c.Prompts)
            .SingleAsync();
        return protection.Unprotect(
            Challenge.PromptsColumn, handle.UserId, handle.Id, closed!, ChallengesJson.Default.DictionaryGuidByteArray).Values.Single();
    }
}
