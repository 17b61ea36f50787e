//! Sessions and tokens.

use anyhow::{Result, ensure};
use atalaya::domain::Sha256;
use atalaya::store::{SessionRow, StoreError, TokenRow, User, UserChange};

use super::make::{ana, first, user};
use super::{Open, START, Stage};

fn session(of: &User, token: &str) -> SessionRow {
    SessionRow {
        token_hash: Sha256::of(token.as_bytes()),
        user: of.id,
        created_at: START,
        used_at: START,
        expires_at: START.plus(100),
    }
}

pub fn a_session_is_found_by_its_hash_until_it_ends(open: Open) -> Result<()> {
    let stage = Stage::new(open)?;
    let one = user("ana");
    stage.store.create_user(&one, &ana())?;
    let mut row = session(&one, "a");
    stage.store.create_session(&row, &one.password_hash)?;
    ensure!(stage.store.session(row.token_hash)? == Some(row.clone()));
    stage.store.touch_session(row.token_hash, START.plus(5))?;
    row.used_at = START.plus(5);
    ensure!(stage.store.session(row.token_hash)? == Some(row.clone()));
    stage.store.end_session(row.token_hash)?;
    ensure!(stage.store.session(row.token_hash)?.is_none());
    stage.store.touch_session(row.token_hash, START.plus(6))?;
    ensure!(stage.store.session(row.token_hash)?.is_none(), "it came back");
    Ok(())
}

pub fn sessions_end_together_and_when_they_expire(open: Open) -> Result<()> {
    let stage = Stage::new(open)?;
    let (one, two) = (user("ana"), user("blas"));
    for somebody in [&one, &two] {
        stage.store.create_user(somebody, &ana())?;
        for token in ["a", "b"] {
            stage.store.create_session(
                &session(somebody, &format!("{token} {}", somebody.username)),
                &somebody.password_hash,
            )?;
        }
    }
    let there = |name: &str| stage.store.session(Sha256::of(name.as_bytes())).map(|row| row.is_some());
    let stays = Some(Sha256::of(b"b ana"));
    stage.store.set_password(one.id, "$argon2id$new", stays, &ana())?;
    ensure!(!there("a ana")? && there("b ana")? && there("a blas")?, "a new password ends all but one");
    stage.store.set_password(one.id, "$argon2id$newer", None, &ana())?;
    ensure!(!there("b ana")? && there("a blas")?);
    stage.store.prune_sessions(START.plus(99))?;
    ensure!(there("a blas")?);
    stage.store.prune_sessions(START.plus(100))?;
    ensure!(!there("a blas")? && !there("b blas")?);
    Ok(())
}

pub fn a_session_begins_only_with_the_password_that_counts(open: Open) -> Result<()> {
    let stage = Stage::new(open)?;
    let one = user("ana");
    let row = session(&one, "a");
    ensure!(!stage.store.create_session(&row, &one.password_hash)?, "nobody is there");
    stage.store.create_user(&one, &ana())?;
    stage.store.set_password(one.id, "$argon2id$new", None, &ana())?;
    ensure!(!stage.store.create_session(&row, &one.password_hash)?, "she has another one by now");
    ensure!(stage.store.session(row.token_hash)?.is_none() && stage.store.sessions(None)?.is_empty());
    let seen = stage.store.user(one.id)?.and_then(|user| user.last_seen_at);
    ensure!(seen.is_none(), "nobody was here");
    ensure!(stage.store.create_session(&row, "$argon2id$new")?);
    Ok(())
}

pub fn a_token_is_found_by_its_hash(open: Open) -> Result<()> {
    let stage = Stage::new(open)?;
    let one = user("ana");
    let mut row = TokenRow {
        token_hash: Sha256::of(b"token"),
        name: "Prometheus".to_owned(),
        prefix: "at_12345678".to_owned(),
        user: one.id,
        created_at: START,
        used_at: None,
        expires_at: None,
    };
    let nobody = stage.store.create_token(&row, &ana());
    ensure!(matches!(nobody, Err(StoreError::NotFound)), "{nobody:?}");
    stage.store.create_user(&one, &ana())?;
    stage.store.create_token(&row, &ana())?;
    ensure!(stage.store.token(row.token_hash)? == Some(row.clone()));
    stage.store.touch_token(row.token_hash, START.plus(3))?;
    row.used_at = Some(START.plus(3));
    ensure!(stage.store.token(row.token_hash)? == Some(row));
    ensure!(stage.store.token(Sha256::of(b"other"))?.is_none());
    Ok(())
}

fn token(of: &User, name: &str) -> TokenRow {
    TokenRow {
        token_hash: Sha256::of(name.as_bytes()),
        name: name.to_owned(),
        prefix: "ata_123456".to_owned(),
        user: of.id,
        created_at: START,
        used_at: None,
        expires_at: Some(START.plus(1_000)),
    }
}

pub fn sessions_and_tokens_are_listed_of_one_user_or_of_all_and_revoked(open: Open) -> Result<()> {
    let stage = Stage::new(open)?;
    let (one, two) = (user("ana"), user("blas"));
    for somebody in [&one, &two] {
        stage.store.create_user(somebody, &ana())?;
        stage.store.create_session(
            &session(somebody, &format!("session of {}", somebody.username)),
            &somebody.password_hash,
        )?;
        stage.store.create_token(&token(somebody, &format!("token of {}", somebody.username)), &ana())?;
    }
    let (session, token) = (session(&two, "session of blas"), token(&two, "token of blas"));
    ensure!(stage.store.sessions(Some(two.id))? == [(session.clone(), "blas".to_owned())]);
    ensure!(stage.store.tokens(Some(two.id))? == [(token.clone(), "blas".to_owned())]);
    ensure!(stage.store.sessions(None)?.len() == 2 && stage.store.tokens(None)?.len() == 2);

    stage.store.revoke_session(session.token_hash, &ana())?;
    stage.store.revoke_token(token.token_hash, &ana())?;
    ensure!(
        stage.store.session(session.token_hash)?.is_none() && stage.store.token(token.token_hash)?.is_none()
    );
    ensure!(stage.store.sessions(None)?.len() == 1 && stage.store.tokens(None)?.len() == 1);
    for again in [
        stage.store.revoke_session(session.token_hash, &ana()),
        stage.store.revoke_token(token.token_hash, &ana()),
    ] {
        ensure!(matches!(again, Err(StoreError::NotFound)), "{again:?}");
    }
    let rows = stage.store.audit(&first(2))?.items;
    ensure!(
        rows.iter()
            .map(|row| (&*row.what, &*row.subject))
            .eq([("token revoked", "blas"), ("session ended", "blas")])
    );
    let told = format!("{rows:?}");
    ensure!(!told.contains(&token.token_hash.to_string()) && !told.contains(&session.token_hash.to_string()));
    Ok(())
}

pub fn the_sessions_and_tokens_of_a_deleted_user_end(open: Open) -> Result<()> {
    let stage = Stage::new(open)?;
    let (one, two) = (user("ana"), user("blas"));
    for somebody in [&one, &two] {
        stage.store.create_user(somebody, &ana())?;
        stage.store.create_session(&session(somebody, &somebody.username), &somebody.password_hash)?;
        stage.store.create_token(&token(somebody, &somebody.username), &ana())?;
    }
    stage.store.delete_user(two.id, &ana())?;
    ensure!(stage.store.user(two.id)?.is_none());
    let there = |name: &str| -> Result<(bool, bool)> {
        let hash = Sha256::of(name.as_bytes());
        Ok((stage.store.session(hash)?.is_some(), stage.store.token(hash)?.is_some()))
    };
    ensure!(there("blas")? == (false, false) && there("ana")? == (true, true));
    Ok(())
}

pub fn when_somebody_was_last_here_is_known(open: Open) -> Result<()> {
    let stage = Stage::new(open)?;
    let one = user("ana");
    stage.store.create_user(&one, &ana())?;
    let seen = || stage.store.user(one.id).map(|user| user.and_then(|user| user.last_seen_at));
    ensure!(seen()?.is_none());
    let session = session(&one, "a");
    stage.store.create_session(&session, &one.password_hash)?;
    ensure!(seen()? == Some(START));
    stage.store.touch_session(session.token_hash, START.plus(5))?;
    ensure!(seen()? == Some(START.plus(5)));
    let token = token(&one, "t");
    stage.store.create_token(&token, &ana())?;
    stage.store.touch_token(token.token_hash, START.plus(9))?;
    stage.store.end_session(session.token_hash)?;
    ensure!(seen()? == Some(START.plus(9)), "it outlives the session");
    let changed = stage.store.change_user(one.id, &UserChange::default(), &ana())?;
    ensure!(changed.last_seen_at == Some(START.plus(9)));
    Ok(())
}
