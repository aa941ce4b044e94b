using System.Globalization;
using System.Security.Cryptography;
using Countersign.Server.Data;
using Countersign.Server.Features.Confirming.Challenges;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Kinds.CodeCards;
using Microsoft.EntityFrameworkCore;

namespace Countersign.Bench.Kinds;

/// <summary>Cards of 224 cells. Cells and key follow from the user, so that none has to be remembered.</summary>
internal sealed class CodeCards(Contexts contexts, CredentialVault vault) : IBenchKind
{
    private const int Cells = 224;

    public string Id => CodeCardKind.KindId;

    /// <summary>It follows from the position, which the answer before moves: read when it is typed.</summary>
    public bool Keeps => false;

    public void Add(Filling filling, BenchUser user, DateTimeOffset now) =>
        filling.AddDevice(vault, user, Id, user.Name, Card(user).ToBytes(), now);

    public bool Moves => true;

    public async Task<string> AnswerAsync(BenchUser user, ChallengeHandle handle)
    {
        await using var db = contexts.Read();
        var (owner, id) = Holding.KeyOf(user, Id);
        var position = await db.Set<Credential>().Where(c => c.OwnerId == owner && c.Id == id).Select(c => c.Position).SingleAsync();
        var card = Card(user);
        var (first, second) = card.Schedule.At(position);
        return string.Concat(card[first], card[second]);
    }

    private static CodeCard Card(BenchUser user) => new(
        string.Concat(Enumerable.Range(0, Cells).Select(i => (i * 4).ToString("D3", CultureInfo.InvariantCulture))),
        SHA256.HashData(user.Id.ToByteArray()));
}
