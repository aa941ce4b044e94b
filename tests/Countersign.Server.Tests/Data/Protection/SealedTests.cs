using System.Security.Cryptography;
using System.Text;
using Countersign.Server.Data.Protection;
using Countersign.Server.Tests.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace Countersign.Server.Tests.Data.Protection;

/// <summary>What stands in a closed value is what the format says, and nothing but what was closed is ever opened.</summary>
public sealed class SealedTests(OnSqlite server)
{
    private static readonly byte[] Place = [.. "people.details\0"u8, .. new byte[32]];

    private readonly MasterKey _master = new("2026-abcd", from: null, [.. Enumerable.Range(0, 32).Select(i => (byte)i)]);

    /// <summary>Put together here anew, from HKDF, HMAC and AES-GCM of the platform.</summary>
    [Fact]
    public void It_is_what_the_format_says()
    {
        var closed = Sealed.Close(_master, Sealed.Use, Place, "secret"u8, new SystemSecrets());

        Assert.Equal([1, 9, .. "2026-abcd"u8], closed[..11]);
        Assert.Equal(11 + 12 + 16 + 6, closed.Length);
        var derived = HKDF.DeriveKey(
            HashAlgorithmName.SHA256, [.. Enumerable.Range(0, 32).Select(i => (byte)i)], 32, info: "countersign/sealed"u8.ToArray());
        using var aes = new AesGcm(HMACSHA256.HashData(derived, Place), 16);
        var plain = new byte[6];
        aes.Decrypt(closed.AsSpan(11, 12), closed.AsSpan(39), closed.AsSpan(23, 16), plain, closed.AsSpan(0, 11));
        Assert.Equal("secret", Encoding.UTF8.GetString(plain));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4000)]
    public void What_was_closed_opens_in_its_place(int length)
    {
        var plain = RandomBytes(length);
        var closed = Sealed.Close(_master, Sealed.Use, Place, plain, new SystemSecrets());

        Assert.Equal("2026-abcd", Sealed.KeyIdOf(closed));
        Assert.Equal(Sealed.HeadOf("2026-abcd"), closed[..11]);
        Assert.Equal(plain, Sealed.Open(_master.Derive(Sealed.Use), Place, closed));
        Assert.Null(Sealed.Open(_master.Derive(Sealed.Use), Place.AsSpan(1), closed));
        Assert.NotEqual(closed, Sealed.Close(_master, Sealed.Use, Place, plain, new SystemSecrets()));
    }

    [Fact]
    public void Whatever_is_read_is_refused_or_opened_and_never_a_fault()
    {
        var closed = Sealed.Close(_master, Sealed.Use, Place, "secret"u8, new SystemSecrets());
        for (var length = 0; length < closed.Length; length++)
        {
            Assert.Null(TryOpen(closed[..length]));
        }

        for (var i = 0; i < 2000; i++)
        {
            Assert.Null(TryOpen(RandomBytes(i % 80)));
            Assert.Null(TryOpen([1, (byte)i, .. RandomBytes(i % 80)]));
        }
    }

    /// <summary>A column that nobody registers would keep an old master key in use without anybody's knowing.</summary>
    [Fact]
    public void Every_column_is_known_to_rotation()
    {
        var declared = SqlTexts.Declared<SealedColumn>().Select(c => c.Name).Order().ToList();
        var registered = server.App.Services.GetServices<IKeyedRows>().OfType<SealedColumn>().Select(c => c.Name).Order();

        Assert.True(declared.Count >= 9);
        Assert.Equal(declared, registered);
    }

    private byte[]? TryOpen(byte[] closed) =>
        Sealed.KeyIdOf(closed) is null ? null : Sealed.Open(_master.Derive(Sealed.Use), Place, closed);

    private static byte[] RandomBytes(int count)
    {
        var bytes = new byte[count];
        new SystemSecrets().Fill(bytes);
        return bytes;
    }
}
